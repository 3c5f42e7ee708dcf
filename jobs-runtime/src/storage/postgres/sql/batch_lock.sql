SELECT id, parent, depth, flow, created_at, touched_at, started_at, finished_at, outcome, sealed, cancelled, reason, retain, moved, swept,
    n_total, n_pending, n_succeeded, n_failed, n_deleted, description
FROM {schema}.batch WHERE id = ANY ($1) ORDER BY id FOR UPDATE
