SELECT 'an edge of ' || edge.child || ' is open, but its parent ' || edge.parent || ' is not stored'
FROM {schema}.edge AS edge
LEFT JOIN {schema}.job AS job ON job.id = edge.parent
LEFT JOIN {schema}.batch AS batch ON batch.id = edge.parent
WHERE edge.open = 1 AND job.id IS NULL AND batch.id IS NULL
UNION ALL
SELECT edge.child || ' waits for ' || edge.parent || ', which has ended'
FROM {schema}.edge AS edge
LEFT JOIN {schema}.job AS job ON job.id = edge.parent
LEFT JOIN {schema}.batch AS batch ON batch.id = edge.parent
WHERE edge.open = 1 AND (job.outcome IS NOT NULL AND job.leaving = 0 OR batch.outcome IS NOT NULL)
UNION ALL
SELECT 'an edge leads to ' || edge.child || ', which is not stored'
FROM {schema}.edge AS edge
LEFT JOIN {schema}.job AS job ON job.id = edge.child
LEFT JOIN {schema}.batch AS batch ON batch.id = edge.child
WHERE job.id IS NULL AND batch.id IS NULL
UNION ALL
SELECT 'batch ' || batch.id || ' counts ' || batch.n_pending || ' pending, ' || batch.n_succeeded || ' succeeded, '
    || batch.n_failed || ' failed and ' || batch.n_deleted || ' deleted members, but has ' || counted.pending || ', '
    || counted.succeeded || ', ' || counted.failed || ' and ' || counted.deleted
FROM {schema}.batch AS batch
JOIN (
    SELECT member.batch,
        count(*) FILTER (WHERE member.outcome IS NULL) AS pending,
        count(*) FILTER (WHERE member.outcome = 4) AS succeeded,
        count(*) FILTER (WHERE member.outcome = 5) AS failed,
        count(*) FILTER (WHERE member.outcome = 6) AS deleted
    FROM (
        SELECT batch, CASE WHEN leaving = 0 THEN outcome END AS outcome FROM {schema}.job WHERE batch IS NOT NULL
        UNION ALL
        SELECT parent, outcome FROM {schema}.batch WHERE parent IS NOT NULL
    ) AS member
    GROUP BY member.batch
) AS counted ON counted.batch = batch.id
WHERE batch.n_pending <> counted.pending
    -- A member that is not kept after its end is counted, but not there.
    OR batch.n_succeeded < counted.succeeded OR batch.n_failed < counted.failed OR batch.n_deleted < counted.deleted
    OR batch.n_total <> batch.n_pending + batch.n_succeeded + batch.n_failed + batch.n_deleted
UNION ALL
SELECT 'batch ' || batch.id || ' has no pending member and has not ended'
FROM {schema}.batch AS batch
WHERE batch.outcome IS NULL AND batch.n_pending = 0 AND batch.sealed = 1 AND (batch.started_at IS NOT NULL OR batch.cancelled)
UNION ALL
SELECT 'batch ' || batch.id || ' waits for nothing and has not started'
FROM {schema}.batch AS batch
LEFT JOIN {schema}.batch AS around ON around.id = batch.parent
WHERE batch.outcome IS NULL AND batch.started_at IS NULL AND batch.sealed = 1 AND NOT batch.cancelled
    AND (batch.parent IS NULL OR around.started_at IS NOT NULL AND around.moved = 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    AND NOT EXISTS (SELECT 1 FROM {schema}.edge AS edge WHERE edge.child = batch.id AND edge.open = 1)
UNION ALL
SELECT 'batch ' || batch.id || ' has work for upkeep that nothing leads to'
FROM {schema}.batch AS batch
WHERE batch.outcome IS NULL
    AND (batch.sealed = 0
        OR batch.started_at IS NOT NULL AND NOT batch.cancelled AND batch.moved < 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    AND NOT EXISTS (SELECT 1 FROM {schema}.step AS step WHERE step.batch = batch.id)
