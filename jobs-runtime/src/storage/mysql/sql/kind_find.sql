SELECT id FROM jobs_kind WHERE name = ?1
