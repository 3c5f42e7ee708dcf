INSERT INTO {schema}.job (id, kind, queue, priority, payload, created_at, due_at, max_attempts, on_exhausted,
    timeout, expires_at, retain, meta, tags, recurring, occurrence, batch, flow)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) AS row (id)
ORDER BY row.id
ON CONFLICT (id) DO NOTHING
