DELETE FROM jobs_server WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM jobs_claim WHERE server = ?1)
