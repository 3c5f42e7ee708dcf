-- $1 the chunk, $2 its jobs, all of which have succeeded.
WITH chunk AS (
    DELETE FROM {schema}.claim WHERE fence = $1 RETURNING claimed_at
), ended AS (
    UPDATE {schema}.job AS job SET
        fence = $1, outcome = 4, attempt = attempt + 1, started_at = chunk.claimed_at, finished_at = now()
    FROM chunk
    WHERE job.id = ANY ($2) AND job.fence < $1 AND job.outcome IS NULL
    RETURNING 1
), counted AS (
    INSERT INTO {schema}.total_delta (queue, kind, state, n)
    SELECT 1, 1, change.state, change.sign * line.n
    FROM (SELECT count(*) AS n FROM ended) AS line, (VALUES (3, -1), (4, 1)) AS change (state, sign)
)
INSERT INTO {schema}.stat_delta (grain, at, queue, kind, measure, bucket, n)
SELECT 0, 0, 1, 1, measure, 0, n FROM (SELECT count(*) AS n FROM ended) AS line, (VALUES (1), (7), (8)) AS noted (measure)
