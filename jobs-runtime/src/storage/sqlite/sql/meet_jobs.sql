SELECT job.id, job.kind, job.queue, job.created_at, job.finished_at, job.attempt, job.fence, job.outcome
FROM jobs_job AS job
WHERE job.id > ?1 AND job.id < ?2
ORDER BY job.id
LIMIT ?3
