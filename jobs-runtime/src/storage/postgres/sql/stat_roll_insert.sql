-- In one statement, so that what another server adds meanwhile is neither lost nor counted twice.
WITH old AS (
    DELETE FROM {schema}.stat WHERE grain = $1 AND at < $2
    RETURNING at - at % $3 AS start, queue, kind, measure, bucket, n
)
INSERT INTO {schema}.stat AS stat (grain, at, queue, kind, measure, bucket, n)
SELECT $1 + 1, start, queue, kind, measure, bucket, sum(n) FROM old
GROUP BY start, queue, kind, measure, bucket
ORDER BY start, queue, kind, measure, bucket
ON CONFLICT (grain, at, queue, kind, measure, bucket) DO UPDATE SET n = stat.n + excluded.n
