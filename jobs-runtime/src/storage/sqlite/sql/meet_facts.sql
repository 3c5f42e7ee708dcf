SELECT job.id, job.kind, job.queue, job.created_at, job.finished_at, job.attempt, job.fence, job.outcome
FROM jobs_job AS job
WHERE job.id IN (SELECT unhex(value) FROM json_each(?1))
ORDER BY job.id
