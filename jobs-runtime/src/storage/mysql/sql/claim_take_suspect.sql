-- The time is not taken from a variable, for which each row would be compared anew.
SELECT job.id, job.kind, job.queue, job.priority, job.payload, job.created_at, job.due_at, job.expires_at, job.attempt,
    job.max_attempts, job.crashes,
    IF(job.cancel = 1, 1, job.batch IS NOT NULL AND (SELECT COUNT(*) FROM jobs_batch AS batch WHERE batch.id = job.batch AND batch.cancelled = 1) > 0),
    job.on_exhausted, job.timeout, job.meta, job.tags, job.recurring, job.occurrence,
    ready.once, job.batch, job.retain
FROM jobs_ready AS ready FORCE INDEX (PRIMARY)
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = ready.id
WHERE ready.suspect = 1 AND ready.queue = ?1 AND ready.kind IN (?2)
    AND (SELECT COUNT(*) FROM jobs_server WHERE id = ?3 AND lease_until > TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6)) + ?6) > 0
    AND (SELECT COUNT(*) FROM jobs_pause
         WHERE (what = 0 AND number = ?1 OR what = 3 AND target = ?5) AND (until IS NULL OR until > TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6)) + ?6)) = 0
    -- Only where any kind is paused is each row looked at.
    AND ((SELECT COUNT(*) FROM jobs_pause WHERE what = 1) = 0
         OR (SELECT COUNT(*) FROM jobs_pause
             WHERE what = 1 AND number = ready.kind AND (until IS NULL OR until > TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6)) + ?6)) = 0)
ORDER BY ready.turn, ready.id
LIMIT ?4
FOR UPDATE SKIP LOCKED
