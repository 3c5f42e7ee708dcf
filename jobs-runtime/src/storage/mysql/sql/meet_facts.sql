SELECT job.id, job.kind, job.queue, job.created_at, job.finished_at, job.attempt, job.fence, job.outcome
FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS asked
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = UNHEX(asked.id)
ORDER BY job.id
