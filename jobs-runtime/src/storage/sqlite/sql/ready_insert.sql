INSERT INTO jobs_ready (queue, priority, id, kind, once, suspect) VALUES {rows}
