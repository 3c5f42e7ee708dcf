UPDATE JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$[0]', due_at BIGINT PATH '$[1]', shift BIGINT PATH '$[2]')) AS released
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = UNHEX(released.id)
SET job.due_at = released.due_at, job.expires_at = job.expires_at + released.shift
