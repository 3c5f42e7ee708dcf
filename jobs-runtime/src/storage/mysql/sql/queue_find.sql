SELECT id FROM jobs_queue WHERE name = ?1
