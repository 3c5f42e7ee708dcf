SELECT CONCAT('an edge of ', LOWER(HEX(edge.child)), ' is open, but its parent ', LOWER(HEX(edge.parent)), ' is not stored')
FROM jobs_edge AS edge
LEFT JOIN jobs_job AS job ON job.id = edge.parent
LEFT JOIN jobs_batch AS batch ON batch.id = edge.parent
WHERE edge.open = 1 AND job.id IS NULL AND batch.id IS NULL
UNION ALL
SELECT CONCAT(LOWER(HEX(edge.child)), ' waits for ', LOWER(HEX(edge.parent)), ', which has ended')
FROM jobs_edge AS edge
LEFT JOIN jobs_job AS job ON job.id = edge.parent
LEFT JOIN jobs_batch AS batch ON batch.id = edge.parent
WHERE edge.open = 1 AND (job.outcome IS NOT NULL AND job.leaving = 0 OR batch.outcome IS NOT NULL)
UNION ALL
SELECT CONCAT('an edge leads to ', LOWER(HEX(edge.child)), ', which is not stored')
FROM jobs_edge AS edge
LEFT JOIN jobs_job AS job ON job.id = edge.child
LEFT JOIN jobs_batch AS batch ON batch.id = edge.child
WHERE job.id IS NULL AND batch.id IS NULL
UNION ALL
SELECT CONCAT('batch ', LOWER(HEX(batch.id)), ' counts ', batch.n_pending, ' pending, ', batch.n_succeeded, ' succeeded, ',
    batch.n_failed, ' failed and ', batch.n_deleted, ' deleted members, but has ', counted.pending, ', ',
    counted.succeeded, ', ', counted.failed, ' and ', counted.deleted)
FROM jobs_batch AS batch
JOIN (
    SELECT member.batch,
        SUM(member.outcome IS NULL) AS pending, SUM(member.outcome <=> 4) AS succeeded, SUM(member.outcome <=> 5) AS failed,
        SUM(member.outcome <=> 6) AS deleted
    FROM (
        SELECT batch, IF(leaving = 1, NULL, outcome) AS outcome FROM jobs_job WHERE batch IS NOT NULL
        UNION ALL
        SELECT parent, outcome FROM jobs_batch WHERE parent IS NOT NULL
    ) AS member
    GROUP BY member.batch
) AS counted ON counted.batch = batch.id
WHERE batch.n_pending <> counted.pending
    -- A member that is not kept after its end is counted, but not there.
    OR batch.n_succeeded < counted.succeeded OR batch.n_failed < counted.failed OR batch.n_deleted < counted.deleted
    OR batch.n_total <> batch.n_pending + batch.n_succeeded + batch.n_failed + batch.n_deleted
UNION ALL
SELECT CONCAT('batch ', LOWER(HEX(batch.id)), ' has no pending member and has not ended')
FROM jobs_batch AS batch
WHERE batch.outcome IS NULL AND batch.n_pending = 0 AND batch.sealed = 1 AND (batch.started_at IS NOT NULL OR batch.cancelled = 1)
UNION ALL
SELECT CONCAT('batch ', LOWER(HEX(batch.id)), ' waits for nothing and has not started')
FROM jobs_batch AS batch
LEFT JOIN jobs_batch AS around ON around.id = batch.parent
WHERE batch.outcome IS NULL AND batch.started_at IS NULL AND batch.sealed = 1 AND batch.cancelled = 0
    AND (batch.parent IS NULL OR around.started_at IS NOT NULL AND around.moved = UNHEX('ffffffffffffffffffffffffffffffff'))
    AND NOT EXISTS (SELECT 1 FROM jobs_edge AS edge WHERE edge.child = batch.id AND edge.open = 1)
UNION ALL
SELECT CONCAT('batch ', LOWER(HEX(batch.id)), ' has work for upkeep that nothing leads to')
FROM jobs_batch AS batch
WHERE batch.outcome IS NULL
    AND (batch.sealed = 0
        OR batch.started_at IS NOT NULL AND batch.cancelled = 0 AND batch.moved < UNHEX('ffffffffffffffffffffffffffffffff'))
    AND NOT EXISTS (SELECT 1 FROM jobs_step AS step WHERE step.batch = batch.id)
