-- ?1 the id, ?2 the payload, ?3 the time.
INSERT INTO jobs_job (id, kind, queue, priority, payload, created_at, due_at, max_attempts, on_exhausted)
VALUES (?1, 1, 1, 0, ?2, ?3, ?3, 20, 0)
