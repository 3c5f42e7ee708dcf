SELECT job.id, job.payload, job.kind, job.attempt, job.max_attempts, job.created_at
FROM jobs_ready AS ready CROSS JOIN jobs_job AS job ON job.id = ready.id
WHERE ready.queue = 1 AND ready.suspect = 0 AND ready.kind = 1
ORDER BY ready.priority DESC, ready.id
LIMIT ?1
