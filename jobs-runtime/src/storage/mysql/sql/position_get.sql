SELECT id FROM jobs_position WHERE walk = ?1 FOR UPDATE
