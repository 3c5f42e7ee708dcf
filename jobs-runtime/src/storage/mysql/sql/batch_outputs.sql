SELECT id, outcome, output FROM jobs_job FORCE INDEX (batch)
WHERE batch = ?1 AND id > ?2 AND outcome IS NOT NULL
ORDER BY id
LIMIT ?3
