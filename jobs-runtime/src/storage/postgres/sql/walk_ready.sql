SELECT job.id, job.kind, job.queue, job.attempt, job.due_at, job.created_at, job.finished_at, job.outcome
FROM (
    SELECT id FROM {schema}.ready WHERE queue = $1 AND priority = $2 AND id {>} $3 ORDER BY id {ASC} LIMIT $4
) AS listed
CROSS JOIN LATERAL (SELECT * FROM {schema}.job WHERE id = listed.id LIMIT 1) AS job
ORDER BY listed.id {ASC}
