SELECT 0 - parked.turn, parked.id, job.max_attempts, job.crashes
FROM jobs_parked AS parked FORCE INDEX (PRIMARY)
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = parked.id
WHERE parked.kind = ?1 AND parked.queue = ?2
LIMIT ?3
FOR UPDATE SKIP LOCKED
