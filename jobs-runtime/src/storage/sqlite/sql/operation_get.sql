SELECT id, state, created_at, touched_at, finished_at, actor, via, reason, spec, expected, n_looked, n_done, n_skipped, n_failed, error
FROM jobs_operation
WHERE id = ?1
