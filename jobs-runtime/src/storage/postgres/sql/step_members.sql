SELECT id, kind, queue, priority, due_at, created_at, max_attempts, crashes, flow, batch, outcome, retain, leaving
FROM {schema}.job
WHERE batch = $1 AND id > $2
ORDER BY id
LIMIT $3
FOR UPDATE
