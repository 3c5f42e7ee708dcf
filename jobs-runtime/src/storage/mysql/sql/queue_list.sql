SELECT id, name FROM jobs_queue
