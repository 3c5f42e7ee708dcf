SELECT parked.priority, parked.id, job.max_attempts, job.crashes
FROM jobs_parked AS parked
JOIN jobs_job AS job ON job.id = parked.id
WHERE parked.kind = ?1 AND parked.queue = ?2
LIMIT ?3
