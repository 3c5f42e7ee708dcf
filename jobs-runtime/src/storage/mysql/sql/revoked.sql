SELECT UNHEX(asked.id), asked.fence, job.fence, job.outcome,
    IF(job.cancel = 1, 1, job.batch IS NOT NULL AND (SELECT COUNT(*) FROM jobs_batch AS batch WHERE batch.id = job.batch AND batch.cancelled = 1) > 0)
FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$[0]', fence BIGINT PATH '$[1]')) AS asked
LEFT JOIN jobs_job AS job ON job.id = UNHEX(asked.id)
