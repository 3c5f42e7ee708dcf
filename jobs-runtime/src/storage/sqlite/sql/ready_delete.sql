DELETE FROM jobs_ready WHERE queue = ?1 AND priority = ?2 AND id = ?3
