SELECT stop, workers FROM jobs_server WHERE id = ?1
