SELECT job.id, job.kind, job.queue, job.attempt, job.due_at, job.created_at, job.finished_at, job.outcome
FROM (
    SELECT id FROM {schema}.parked
    WHERE kind = $1 AND queue = $2 AND priority = $3 AND id {>} $4
    ORDER BY id {ASC}
    LIMIT $5
) AS listed
CROSS JOIN LATERAL (SELECT * FROM {schema}.job WHERE id = listed.id LIMIT 1) AS job
ORDER BY listed.id {ASC}
