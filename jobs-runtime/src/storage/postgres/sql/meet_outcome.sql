SELECT walked.id, job.kind, job.queue, job.created_at, job.finished_at, job.attempt, job.fence
FROM (SELECT id FROM {schema}.outcome WHERE outcome = $1 AND id > $2 ORDER BY id LIMIT $3) AS walked
CROSS JOIN LATERAL (SELECT * FROM {schema}.job WHERE id = walked.id LIMIT 1) AS job
ORDER BY walked.id
