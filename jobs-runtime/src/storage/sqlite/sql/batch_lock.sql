SELECT id, parent, depth, flow, created_at, touched_at, started_at, finished_at, outcome, sealed, cancelled, reason, retain, moved, swept,
    n_total, n_pending, n_succeeded, n_failed, n_deleted, description
FROM jobs_batch WHERE id IN (SELECT unhex(value) FROM json_each(?1))
