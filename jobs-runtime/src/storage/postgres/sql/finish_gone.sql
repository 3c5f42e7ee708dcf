-- Removes, in one statement, jobs that have succeeded and are not kept. That nothing has ever been done to a job but to store it, to claim
-- it and to run it means that nothing else belongs to it; of notes of its run the caller knows. The parameters and the answer are those
-- of `finish_kept`.
WITH moment AS MATERIALIZED (
    SELECT clock_timestamp() + $2 * interval '1 microsecond' AS at
), chunk AS MATERIALIZED (
    SELECT fence, claimed_at, n_left FROM {schema}.claim WHERE server = $1 AND fence = ANY ($3) ORDER BY fence FOR UPDATE
), done AS MATERIALIZED (
    DELETE FROM {schema}.job AS job
    USING chunk, unnest($4, $5, $6, $7, $8, $9) AS ended (id, fence, output, wait, run, place)
    WHERE chunk.fence = ended.fence AND job.ctid = ended.place AND job.id = ended.id AND job.fence = 0 AND job.outcome IS NULL
        AND job.retain = 0 AND job.batch IS NULL AND job.flow = 0 AND job.recurring IS NULL AND NOT job.cancel
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
        (VALUES (3, -1)) AS change (state, sign)
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
