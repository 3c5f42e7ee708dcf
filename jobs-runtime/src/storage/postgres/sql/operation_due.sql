-- One that another server is at is left to it.
SELECT id, state, created_at, touched_at, finished_at, actor, via, reason, spec, expected, n_looked, n_done, n_skipped, n_failed, error, fence, place
FROM {schema}.operation
WHERE state = 0 AND version <= $1
ORDER BY id
LIMIT 1
FOR UPDATE SKIP LOCKED
