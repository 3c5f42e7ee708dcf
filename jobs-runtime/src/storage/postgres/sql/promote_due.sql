SELECT scheduled.due_at, scheduled.id, job.queue, job.kind, job.priority, job.max_attempts, job.crashes
FROM {schema}.scheduled AS scheduled
JOIN {schema}.job AS job ON job.id = scheduled.id
WHERE scheduled.due_at <= $1
ORDER BY scheduled.due_at, scheduled.id
LIMIT $2
FOR UPDATE OF scheduled SKIP LOCKED
