SELECT id, state, created_at, touched_at, finished_at, actor, via, reason, spec, expected, n_looked, n_done, n_skipped, n_failed, error
FROM jobs_operation
WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR id < ?2)
ORDER BY id DESC
LIMIT ?3
