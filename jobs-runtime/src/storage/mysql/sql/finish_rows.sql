SELECT job.id, job.fence, job.outcome, job.kind, job.queue, job.priority, job.attempt, job.max_attempts, job.crashes, job.retain,
    job.on_exhausted, job.leaving, job.batch, job.flow
FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS asked
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = UNHEX(asked.id)
FOR UPDATE
