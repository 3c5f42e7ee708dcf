SELECT job.id, job.payload, job.kind, job.attempt, job.max_attempts, job.created_at
FROM (
    SELECT id, turn FROM jobs_ready WHERE suspect = 0 AND queue = 1 AND kind = 1 ORDER BY turn, id LIMIT {most} FOR UPDATE SKIP LOCKED
) AS ready
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = ready.id
