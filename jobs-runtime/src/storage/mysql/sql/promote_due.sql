SELECT scheduled.due_at, scheduled.id, job.queue, job.kind, job.priority, job.max_attempts, job.crashes
FROM jobs_scheduled AS scheduled FORCE INDEX (PRIMARY)
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = scheduled.id
WHERE scheduled.due_at <= ?1
ORDER BY scheduled.due_at, scheduled.id
LIMIT ?2
FOR UPDATE SKIP LOCKED
