INSERT INTO jobs_stat (grain, at, queue, kind, measure, bucket, n) VALUES {rows}
ON CONFLICT (grain, at, queue, kind, measure, bucket) DO UPDATE SET n = n + excluded.n
