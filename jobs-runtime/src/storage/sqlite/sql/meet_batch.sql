SELECT id, moved FROM jobs_batch
WHERE outcome IS NULL AND id > ?1 AND moved < x'ffffffffffffffffffffffffffffffff'
ORDER BY id
LIMIT 1
