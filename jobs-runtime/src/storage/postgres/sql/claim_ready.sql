SELECT job.id, job.kind, job.queue, job.priority, job.payload, job.created_at, job.due_at, job.expires_at, job.attempt,
    job.max_attempts, job.crashes,
    (job.cancel OR job.batch IS NOT NULL AND EXISTS (SELECT 1 FROM {schema}.batch AS batch WHERE batch.id = job.batch AND batch.cancelled)),
    job.on_exhausted, job.timeout, job.meta, job.tags, job.recurring, job.occurrence,
    ready.once, job.batch
FROM {schema}.ready AS ready
JOIN {schema}.job AS job ON job.id = ready.id
WHERE ready.queue = $1 AND NOT ready.suspect AND ready.kind = ANY ($2)
    AND EXISTS (SELECT 1 FROM {schema}.server WHERE id = $3 AND lease_until > $4)
    AND NOT EXISTS (SELECT 1 FROM {schema}.pause
                    WHERE (what = 0 AND number = $1 OR what = 3 AND target = $6) AND (until IS NULL OR until > $4))
    AND ready.kind NOT IN (SELECT number FROM {schema}.pause WHERE what = 1 AND (until IS NULL OR until > $4))
ORDER BY ready.priority DESC, ready.id
LIMIT $5
FOR UPDATE OF ready SKIP LOCKED
