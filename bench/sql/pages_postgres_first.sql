-- The kinds, queues and payloads of the jobs that are there, and a year of statistics of each.
CREATE TABLE bench_sample AS
SELECT (row_number() OVER (ORDER BY queue, kind) - 1)::bigint AS n, queue, kind, (array_agg(payload))[1] AS payload
FROM (SELECT job.queue, job.kind, job.payload FROM jobs.job AS job) AS job
GROUP BY queue, kind;

INSERT INTO jobs.stat (grain, at, queue, kind, measure, bucket, n)
SELECT grain.grain, floor(extract(epoch FROM now()) / grain.seconds - point)::bigint * grain.seconds * 1000000, sample.queue, sample.kind,
    measure.measure, measure.bucket, 1 + point % 50
FROM (VALUES (0, 60, 75), (1, 3600, 336), (2, 86400, 366)) AS grain (grain, seconds, points)
CROSS JOIN LATERAL generate_series(0, grain.points) AS point
CROSS JOIN bench_sample AS sample
CROSS JOIN (
    SELECT measure, 0 AS bucket FROM (VALUES (0), (1), (2)) AS plain (measure)
    UNION ALL
    SELECT measure, bucket FROM (VALUES (7), (8)) AS time (measure), generate_series(8, 20) AS bucket
) AS measure
ON CONFLICT DO NOTHING
