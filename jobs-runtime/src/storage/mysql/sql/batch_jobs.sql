SELECT id FROM jobs_job FORCE INDEX (batch) WHERE batch = ?1 AND id > ?2 ORDER BY id LIMIT ?3
