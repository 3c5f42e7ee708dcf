SELECT batch.id,
    batch.started_at IS NULL AND batch.sealed = 1 AND batch.cancelled = 0
        AND (batch.parent IS NULL OR around.started_at IS NOT NULL AND around.moved = x'ffffffffffffffffffffffffffffffff')
        AND NOT EXISTS (SELECT 1 FROM jobs_edge AS edge WHERE edge.child = batch.id AND edge.open = 1),
    batch.n_pending = 0 AND batch.sealed = 1 AND (batch.started_at IS NOT NULL OR batch.cancelled = 1),
    (batch.sealed = 0 OR batch.started_at IS NOT NULL AND batch.cancelled = 0 AND batch.moved < x'ffffffffffffffffffffffffffffffff')
        AND NOT EXISTS (SELECT 1 FROM jobs_step AS step WHERE step.batch = batch.id)
FROM jobs_batch AS batch
LEFT JOIN jobs_batch AS around ON around.id = batch.parent
WHERE batch.outcome IS NULL AND batch.id > ?1
ORDER BY batch.id
LIMIT ?2
