-- Locks what it adds up, so that of two servers that roll at once the second finds nothing.
INSERT INTO jobs_stat (grain, at, queue, kind, measure, bucket, n)
SELECT old.grain + 1, old.at - old.at % ?3, old.queue, old.kind, old.measure, old.bucket, SUM(old.n)
FROM jobs_stat AS old
WHERE old.grain = ?1 AND old.at < ?2
GROUP BY 1, 2, 3, 4, 5, 6
FOR UPDATE
ON DUPLICATE KEY UPDATE n = jobs_stat.n + VALUES(n)
