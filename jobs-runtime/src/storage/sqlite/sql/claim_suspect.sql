SELECT job.id, job.kind, job.queue, job.priority, job.payload, job.created_at, job.due_at, job.expires_at, job.attempt,
    job.max_attempts, job.crashes,
    (job.cancel = 1 OR job.batch IS NOT NULL AND EXISTS (SELECT 1 FROM jobs_batch AS batch WHERE batch.id = job.batch AND batch.cancelled = 1)),
    job.on_exhausted, job.timeout, job.meta, job.tags, job.recurring, job.occurrence,
    ready.once, job.batch
FROM jobs_ready AS ready
CROSS JOIN jobs_job AS job ON job.id = ready.id
WHERE ready.queue = ?1 AND ready.suspect = 1 AND ready.kind IN (SELECT value FROM json_each(?2))
    AND EXISTS (SELECT 1 FROM jobs_server WHERE id = ?3 AND lease_until > ?4)
    AND NOT EXISTS (SELECT 1 FROM jobs_pause
                    WHERE (what = 0 AND number = ?1 OR what = 3 AND target = ?6) AND (until IS NULL OR until > ?4))
    AND ready.kind NOT IN (SELECT number FROM jobs_pause WHERE what = 1 AND (until IS NULL OR until > ?4))
ORDER BY ready.priority DESC, ready.id
LIMIT ?5
