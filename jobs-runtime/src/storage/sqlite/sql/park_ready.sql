SELECT priority, id FROM jobs_ready WHERE queue = ?1 AND kind = ?2 LIMIT ?3
