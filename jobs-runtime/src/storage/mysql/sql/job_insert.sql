-- A known job is counted twice, by which the caller sees that there is one, and takes everything back.
INSERT INTO jobs_job (id, kind, queue, priority, payload, created_at, due_at, max_attempts, on_exhausted,
    timeout, expires_at, retain, meta, tags, recurring, occurrence, batch, flow)
VALUES {rows}
ON DUPLICATE KEY UPDATE crashes = crashes + 1
