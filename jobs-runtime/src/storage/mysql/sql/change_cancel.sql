UPDATE jobs_job SET cancel = 1 WHERE id = ?1
