DELETE FROM jobs_ready WHERE queue = 1 AND priority = 0 AND id = ?1
