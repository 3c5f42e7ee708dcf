DELETE FROM jobs_server WHERE id = ?
