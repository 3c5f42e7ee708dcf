UPDATE jobs_operation SET state = ?2, touched_at = ?3, finished_at = ?3, error = coalesce(?4, error) WHERE id = ?1 AND state = 0
