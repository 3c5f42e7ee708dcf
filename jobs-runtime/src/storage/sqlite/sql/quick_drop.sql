DELETE FROM jobs_job
WHERE id = ?1 AND fence < ?2 AND outcome IS NULL AND retain = 0 AND recurring IS NULL AND batch IS NULL AND flow & 1 = 0
