COPY {schema}.job (id, kind, queue, priority, payload, created_at, due_at, max_attempts, on_exhausted, timeout, expires_at, retain, meta,
    tags, recurring, occurrence, batch, flow)
FROM STDIN (FORMAT binary)
