INSERT INTO jobs_stat (grain, at, queue, kind, measure, bucket, n) VALUES {rows}
ON DUPLICATE KEY UPDATE n = n + VALUES(n)
