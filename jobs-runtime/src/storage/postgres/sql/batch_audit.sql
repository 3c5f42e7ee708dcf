SELECT batch.id,
    (batch.started_at IS NULL AND batch.sealed = 1 AND NOT batch.cancelled
        AND (batch.parent IS NULL OR around.started_at IS NOT NULL AND around.moved = 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        AND NOT EXISTS (SELECT 1 FROM {schema}.edge AS edge WHERE edge.child = batch.id AND edge.open = 1))::integer,
    (batch.n_pending = 0 AND batch.sealed = 1 AND (batch.started_at IS NOT NULL OR batch.cancelled))::integer,
    ((batch.sealed = 0
            OR batch.started_at IS NOT NULL AND NOT batch.cancelled AND batch.moved < 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        AND NOT EXISTS (SELECT 1 FROM {schema}.step AS step WHERE step.batch = batch.id))::integer
FROM {schema}.batch AS batch
LEFT JOIN {schema}.batch AS around ON around.id = batch.parent
WHERE batch.outcome IS NULL AND batch.id > $1
ORDER BY batch.id
LIMIT $2
