INSERT INTO jobs_stat (grain, at, queue, kind, measure, bucket, n)
SELECT ?1 + 1, at - at % ?3, queue, kind, measure, bucket, sum(n) FROM jobs_stat
WHERE grain = ?1 AND at < ?2
GROUP BY at - at % ?3, queue, kind, measure, bucket
ON CONFLICT (grain, at, queue, kind, measure, bucket) DO UPDATE SET n = n + excluded.n
