UPDATE jobs_server SET stop = COALESCE(?2, stop), workers = COALESCE(?3, workers) WHERE id = ?1
