SELECT UNHEX(asked.id), asked.fence, job.fence, job.outcome, job.cancel
FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$[0]', fence BIGINT PATH '$[1]')) AS asked
LEFT JOIN jobs_job AS job ON job.id = UNHEX(asked.id)
