-- $1 the server, $2 how many jobs.
WITH taken AS MATERIALIZED (
    SELECT ctid AS place, id FROM {schema}.ready
    WHERE queue = 1 AND NOT suspect AND kind = 1
    ORDER BY priority DESC, id
    LIMIT $2
    FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM {schema}.ready AS ready USING taken WHERE ready.ctid = taken.place
), chunk AS (
    INSERT INTO {schema}.claim (server, claimed_at, suspect, n_left, ids)
    SELECT $1, now(), false, count(*), array_agg(id) FROM taken HAVING count(*) > 0
    RETURNING fence
), counted AS (
    INSERT INTO {schema}.total_delta (queue, kind, state, n)
    SELECT 1, 1, change.state, change.sign * line.n
    FROM (SELECT count(*) AS n FROM taken HAVING count(*) > 0) AS line, (VALUES (2, -1), (3, 1)) AS change (state, sign)
)
SELECT chunk.fence, job.id, job.payload, job.kind, job.attempt, job.max_attempts, job.created_at
FROM chunk, taken JOIN {schema}.job AS job ON job.id = taken.id
