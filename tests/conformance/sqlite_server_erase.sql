DELETE FROM jobs_server WHERE id = ?1
