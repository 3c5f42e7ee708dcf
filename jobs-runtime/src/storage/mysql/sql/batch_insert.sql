-- A known batch is counted twice, by which the caller sees that there is one, and takes everything back.
INSERT INTO jobs_batch (id, description, parent, depth, flow, created_at, touched_at, started_at, sealed, retain, moved, swept)
VALUES {rows}
ON DUPLICATE KEY UPDATE depth = jobs_batch.depth + 1
