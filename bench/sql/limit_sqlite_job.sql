-- ?1 the time, then pairs of id and payload.
INSERT INTO jobs_job (id, kind, queue, priority, payload, created_at, due_at, max_attempts, on_exhausted)
SELECT column1, 1, 1, 0, column2, ?1, ?1, 20, 0 FROM (VALUES {rows})
