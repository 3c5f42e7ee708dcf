WITH taken AS (
    DELETE FROM {schema}.stat_delta
    WHERE ctid = ANY (ARRAY (SELECT ctid FROM {schema}.stat_delta LIMIT $1 FOR UPDATE SKIP LOCKED))
    RETURNING grain, at, queue, kind, measure, bucket, n
), folded AS (
    INSERT INTO {schema}.stat AS stat (grain, at, queue, kind, measure, bucket, n)
    SELECT grain, at, queue, kind, measure, bucket, sum(n) FROM taken
    GROUP BY grain, at, queue, kind, measure, bucket
    ORDER BY grain, at, queue, kind, measure, bucket
    ON CONFLICT (grain, at, queue, kind, measure, bucket) DO UPDATE SET n = stat.n + excluded.n
)
SELECT count(*) FROM taken
