INSERT INTO jobs_stat (grain, at, queue, kind, measure, bucket, n) VALUES (0, 0, 1, 1, ?1, 0, ?2)
ON CONFLICT (grain, at, queue, kind, measure, bucket) DO UPDATE SET n = n + excluded.n
