SELECT walked.due_at, walked.id, job.kind, job.queue, job.created_at, job.finished_at, job.attempt, job.fence
FROM (SELECT due_at, id FROM {schema}.scheduled WHERE (due_at, id) > ($1, $2) ORDER BY due_at, id LIMIT $3) AS walked
CROSS JOIN LATERAL (SELECT * FROM {schema}.job WHERE id = walked.id LIMIT 1) AS job
ORDER BY walked.due_at, walked.id
