SELECT id, kind, queue, priority, due_at, created_at, max_attempts, crashes, flow, batch, outcome, retain, leaving
FROM {schema}.job WHERE id = ANY ($1) ORDER BY id FOR UPDATE
