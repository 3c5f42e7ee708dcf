SELECT job.id, job.kind, job.queue, job.priority, job.due_at, job.created_at, job.max_attempts, job.crashes, job.flow, job.batch,
    job.outcome, job.retain, job.leaving
FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS asked
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = UNHEX(asked.id)
FOR UPDATE
