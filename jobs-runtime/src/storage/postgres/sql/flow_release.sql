UPDATE {schema}.job AS job SET due_at = released.due_at, expires_at = job.expires_at + released.shift * interval '1 microsecond'
FROM unnest($1, $2, $3) AS released (id, due_at, shift)
WHERE job.id = released.id
