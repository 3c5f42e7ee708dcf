SELECT expiry.at, expiry.id, job.id, job.outcome, job.finished_at, job.retain, job.due_at, job.queue, job.kind
FROM jobs_expiry AS expiry
LEFT JOIN jobs_job AS job ON job.id = expiry.id
WHERE expiry.at <= ?1
ORDER BY expiry.at, expiry.id
LIMIT ?2
