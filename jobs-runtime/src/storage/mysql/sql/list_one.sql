(SELECT id FROM jobs_job WHERE id = ?1)
