SELECT job.id, job.kind, job.queue, job.attempt, job.due_at, job.created_at, job.finished_at, job.outcome
FROM (
    SELECT due_at, id FROM {schema}.scheduled WHERE (due_at, id) {>} ($1, $2) ORDER BY due_at {ASC}, id {ASC} LIMIT $3
) AS listed
CROSS JOIN LATERAL (SELECT * FROM {schema}.job WHERE id = listed.id LIMIT 1) AS job
ORDER BY listed.due_at {ASC}, listed.id {ASC}
