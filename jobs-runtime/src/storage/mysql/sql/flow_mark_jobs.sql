UPDATE JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS waited
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = UNHEX(waited.id)
SET job.flow = job.flow | 1
WHERE job.flow & 1 = 0
