INSERT INTO {schema}.batch (id, description, parent, depth, flow, created_at, touched_at, started_at, sealed, retain, moved, swept)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (id) DO NOTHING
