SELECT job.id, job.outcome, job.finished_at, job.retain, job.due_at, job.queue, job.kind, job.leaving, job.batch
FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS asked
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = UNHEX(asked.id)
FOR UPDATE
