-- The kinds, queues and payloads of the jobs that are there, and a year of statistics of each.
CREATE TABLE bench_sample AS
SELECT row_number() OVER (ORDER BY queue, kind) - 1 AS n, queue, kind, min(payload) AS payload FROM jobs_job GROUP BY queue, kind;

WITH RECURSIVE point (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM point WHERE n < 366),
bucket (n) AS (SELECT 8 UNION ALL SELECT n + 1 FROM bucket WHERE n < 20),
grain (grain, seconds, points) AS (VALUES (0, 60, 75), (1, 3600, 336), (2, 86400, 366)),
measure (measure, bucket) AS (
    VALUES (0, 0), (1, 0), (2, 0)
    UNION ALL
    SELECT 7, n FROM bucket
    UNION ALL
    SELECT 8, n FROM bucket
)
INSERT INTO jobs_stat (grain, at, queue, kind, measure, bucket, n)
SELECT grain.grain, (unixepoch() / grain.seconds - point.n) * grain.seconds * 1000000, sample.queue, sample.kind, measure.measure, measure.bucket,
    1 + point.n % 50
FROM grain JOIN point ON point.n <= grain.points CROSS JOIN bench_sample AS sample CROSS JOIN measure
WHERE true
ON CONFLICT DO NOTHING
