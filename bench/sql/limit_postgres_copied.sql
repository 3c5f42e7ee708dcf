-- $1 how many jobs were copied.
WITH counted AS (
    INSERT INTO {schema}.total_delta (queue, kind, state, n) VALUES (1, 1, 2, $1)
)
INSERT INTO {schema}.stat_delta (grain, at, queue, kind, measure, bucket, n) VALUES (0, 0, 1, 1, 0, 0, $1)
