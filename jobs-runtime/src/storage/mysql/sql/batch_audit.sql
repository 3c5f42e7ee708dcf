SELECT batch.id,
    IF(batch.started_at IS NULL AND batch.sealed = 1 AND batch.cancelled = 0
        AND (batch.parent IS NULL OR around.started_at IS NOT NULL AND around.moved = UNHEX('ffffffffffffffffffffffffffffffff'))
        AND (SELECT COUNT(*) FROM jobs_edge AS edge WHERE edge.child = batch.id AND edge.open = 1) = 0, 1, 0),
    IF(batch.n_pending = 0 AND batch.sealed = 1 AND (batch.started_at IS NOT NULL OR batch.cancelled = 1), 1, 0),
    IF((batch.sealed = 0
            OR batch.started_at IS NOT NULL AND batch.cancelled = 0 AND batch.moved < UNHEX('ffffffffffffffffffffffffffffffff'))
        AND (SELECT COUNT(*) FROM jobs_step AS step WHERE step.batch = batch.id) = 0, 1, 0)
FROM jobs_batch AS batch
LEFT JOIN jobs_batch AS around ON around.id = batch.parent
WHERE batch.outcome IS NULL AND batch.id > ?1
ORDER BY batch.id
LIMIT ?2
