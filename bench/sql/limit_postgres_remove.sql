-- $1 the chunk, $2 its jobs, all of which have succeeded and are not kept.
WITH chunk AS (
    DELETE FROM {schema}.claim WHERE fence = $1
), ended AS (
    DELETE FROM {schema}.job WHERE id = ANY ($2) AND fence < $1 AND outcome IS NULL RETURNING 1
), counted AS (
    INSERT INTO {schema}.total_delta (queue, kind, state, n) SELECT 1, 1, 3, -count(*) FROM ended
)
INSERT INTO {schema}.stat_delta (grain, at, queue, kind, measure, bucket, n)
SELECT 0, 0, 1, 1, measure, 0, n FROM (SELECT count(*) AS n FROM ended) AS line, (VALUES (1), (7), (8)) AS noted (measure)
