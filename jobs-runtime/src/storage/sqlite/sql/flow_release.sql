WITH released (id, due_at, shift) AS (VALUES {rows})
UPDATE jobs_job SET due_at = released.due_at, expires_at = expires_at + released.shift
FROM released WHERE jobs_job.id = released.id
