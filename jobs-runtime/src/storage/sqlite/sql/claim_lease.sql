SELECT 1 FROM jobs_server WHERE id = ?1 AND lease_until > ?2
