SELECT job.id, job.kind, job.queue, job.attempt, job.due_at, job.created_at, job.finished_at, job.outcome
FROM (
    SELECT DISTINCT child AS id FROM {schema}.edge
    WHERE open = 1 AND child_batch = 0 AND child {<} $1
    ORDER BY child {DESC}
    LIMIT $2
) AS listed
CROSS JOIN LATERAL (SELECT * FROM {schema}.job WHERE id = listed.id LIMIT 1) AS job
ORDER BY listed.id {DESC}
