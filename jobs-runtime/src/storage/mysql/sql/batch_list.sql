SELECT id, parent, depth, flow, created_at, touched_at, started_at, finished_at, outcome, sealed, cancelled, reason, retain, moved, swept,
    n_total, n_pending, n_succeeded, n_failed, n_deleted, description
FROM jobs_batch
WHERE (?1 IS NULL OR CASE WHEN outcome IS NOT NULL THEN outcome WHEN started_at IS NULL THEN 0 ELSE 1 END = ?1)
    AND (?2 IS NULL OR parent = ?2) AND (?3 IS NULL OR id < ?3)
ORDER BY id DESC
LIMIT ?4
