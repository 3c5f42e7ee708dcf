INSERT INTO jobs_parked (kind, queue, priority, id) VALUES {rows}
