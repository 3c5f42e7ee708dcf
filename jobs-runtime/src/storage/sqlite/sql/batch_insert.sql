INSERT INTO jobs_batch (id, description, parent, depth, flow, created_at, touched_at, started_at, sealed, retain, moved, swept)
VALUES {rows}
ON CONFLICT (id) DO NOTHING
