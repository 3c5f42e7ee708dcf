SELECT job.id, job.kind, job.queue, job.created_at, job.finished_at, job.attempt, job.fence, job.outcome
FROM {schema}.job AS job
WHERE job.id = ANY ($1)
ORDER BY job.id
