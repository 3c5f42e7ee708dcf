SELECT id FROM jobs_job FORCE INDEX (batch) WHERE batch = ?1 AND outcome IS NULL AND flow & 1 <> 0
