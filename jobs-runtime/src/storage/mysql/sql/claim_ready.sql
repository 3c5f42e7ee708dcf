SELECT job.id, job.kind, job.queue, job.priority, job.payload, job.created_at, job.due_at, job.expires_at, job.attempt,
    job.max_attempts, job.crashes,
    IF(job.cancel = 1, 1, job.batch IS NOT NULL AND (SELECT COUNT(*) FROM jobs_batch AS batch WHERE batch.id = job.batch AND batch.cancelled = 1) > 0),
    job.on_exhausted, job.timeout, job.meta, job.tags, job.recurring, job.occurrence,
    ready.once, job.batch
FROM jobs_ready AS ready FORCE INDEX (PRIMARY)
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = ready.id
WHERE ready.suspect = 0 AND ready.queue = ?1 AND JSON_CONTAINS(?2, CAST(ready.kind AS CHAR))
    AND (SELECT COUNT(*) FROM jobs_server WHERE id = ?3 AND lease_until > ?4) > 0
    AND (SELECT COUNT(*) FROM jobs_pause
         WHERE (what = 0 AND number = ?1 OR what = 3 AND target = ?6) AND (until IS NULL OR until > ?4)) = 0
    AND (SELECT COUNT(*) FROM jobs_pause
         WHERE what = 1 AND number = ready.kind AND (until IS NULL OR until > ?4)) = 0
ORDER BY ready.turn, ready.id
LIMIT ?5
FOR UPDATE SKIP LOCKED
