SELECT id, moved FROM jobs_batch FORCE INDEX (outcome)
WHERE outcome IS NULL AND id > ?1 AND moved < UNHEX('ffffffffffffffffffffffffffffffff')
ORDER BY id
LIMIT 1
