INSERT INTO jobs_job (id, kind, queue, priority, payload, created_at, due_at, max_attempts, on_exhausted, timeout, expires_at,
    retain, meta, tags)
VALUES {rows: (?, ?, ?, ?, ?, @jobs_now, @jobs_now, ?, ?, ?, @jobs_now + ?, ?, ?, ?)}
