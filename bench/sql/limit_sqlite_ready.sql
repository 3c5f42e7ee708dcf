INSERT INTO jobs_ready (queue, priority, id, kind, once, suspect) SELECT 1, 0, column1, 1, 0, 0 FROM (VALUES {rows})
