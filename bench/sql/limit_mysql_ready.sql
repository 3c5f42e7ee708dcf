INSERT INTO jobs_ready (queue, turn, id, kind, once, suspect) VALUES {rows}
