SELECT at, what, attempt, text FROM jobs_event WHERE job = ?1 ORDER BY n LIMIT 1000
