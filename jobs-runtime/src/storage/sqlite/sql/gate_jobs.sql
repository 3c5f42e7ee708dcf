SELECT id, kind, queue, priority, due_at, created_at, max_attempts, crashes, flow, batch, outcome, retain, leaving
FROM jobs_job WHERE id IN (SELECT unhex(value) FROM json_each(?1))
