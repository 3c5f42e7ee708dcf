INSERT INTO jobs_ready (queue, priority, id, kind, once, suspect) VALUES (1, 0, ?1, 1, 0, 0)
