-- Ends, in one statement, jobs that have succeeded, that nobody waits for, and that stay until the walk of retention comes by. $1 the
-- server, $2 the shift of the clock, $3 the chunks, and of each job: $4 itself, in order, $5 the chunk that it was claimed in, $6 what it
-- returned, $7 and $8 the buckets of how long it waited and ran, $9 where its row was when it was claimed: one that has moved since is
-- refused. Gives how many were ended, and which, if not all. Whether a job is a member of its chunk is known to the caller.
WITH moment AS MATERIALIZED (
    SELECT clock_timestamp() + $2 * interval '1 microsecond' AS at
), chunk AS MATERIALIZED (
    SELECT fence, claimed_at, n_left FROM {schema}.claim WHERE server = $1 AND fence = ANY ($3) ORDER BY fence FOR UPDATE
), done AS MATERIALIZED (
    UPDATE {schema}.job AS job SET
        fence = chunk.fence,
        outcome = 4,
        attempt = job.attempt + 1,
        started_at = chunk.claimed_at,
        finished_at = moment.at,
        reason = NULL,
        output = ended.output
    FROM moment, chunk, unnest($4, $5, $6, $7, $8, $9) AS ended (id, fence, output, wait, run, place)
    WHERE chunk.fence = ended.fence AND job.ctid = ended.place AND job.id = ended.id AND job.fence < ended.fence
        AND job.outcome IS NULL
        AND job.retain IS NULL AND job.batch IS NULL AND job.flow & 1 = 0
    RETURNING job.id, job.queue, job.kind, ended.fence, ended.wait, ended.run
), line AS MATERIALIZED (
    SELECT fence, queue, kind, wait, run, count(*) AS n FROM done GROUP BY fence, queue, kind, wait, run
), gone AS MATERIALIZED (
    SELECT fence, sum(n) AS n FROM line GROUP BY fence
), emptied AS (
    DELETE FROM {schema}.claim AS claim USING chunk, gone
    WHERE gone.fence = chunk.fence AND claim.fence = chunk.fence AND chunk.n_left <= gone.n
), lessened AS (
    UPDATE {schema}.claim AS claim SET n_left = chunk.n_left - gone.n FROM chunk, gone
    WHERE gone.fence = chunk.fence AND claim.fence = chunk.fence AND chunk.n_left > gone.n
), counted AS (
    INSERT INTO {schema}.total_delta (queue, kind, state, n)
    SELECT line.queue, line.kind, change.state, change.sign * line.n
    FROM (SELECT queue, kind, sum(n) AS n FROM line GROUP BY queue, kind) AS line,
        (VALUES (3, -1), (4, 1)) AS change (state, sign)
), measured AS (
    INSERT INTO {schema}.stat_delta (grain, at, queue, kind, measure, bucket, n)
    SELECT 0, floor(extract(epoch FROM moment.at) / 60)::bigint * 60000000, line.queue, line.kind, line.measure, line.bucket, line.n
    FROM moment, (
        SELECT queue, kind, measure, bucket, sum(n) AS n
        FROM line, LATERAL (VALUES (1, 0), (7, wait), (8, run)) AS time (measure, bucket)
        WHERE bucket IS NOT NULL
        GROUP BY queue, kind, measure, bucket
    ) AS line
), total AS MATERIALIZED (
    SELECT coalesce(sum(n), 0)::bigint AS n FROM line
)
SELECT n, CASE WHEN n < cardinality($4) THEN (SELECT array_agg(id) FROM done) END FROM total
