SELECT parked.priority, parked.id, job.max_attempts, job.crashes
FROM {schema}.parked AS parked
JOIN {schema}.job AS job ON job.id = parked.id
WHERE parked.kind = $1 AND parked.queue = $2
LIMIT $3
FOR UPDATE OF parked SKIP LOCKED
