SELECT job.id, job.kind, job.queue, job.priority, job.payload, job.created_at, job.due_at, job.expires_at, job.attempt,
    job.max_attempts, job.crashes, job.cancel, job.on_exhausted, job.timeout, job.meta, job.tags, job.recurring, job.occurrence
FROM json_each(?1) AS member
JOIN jobs_job AS job ON job.id = unhex(member.value)
ORDER BY member.key
