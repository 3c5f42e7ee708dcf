SELECT walked.id, job.kind, job.queue, job.created_at, job.finished_at, job.attempt, job.fence
FROM (
    SELECT DISTINCT child AS id FROM {schema}.edge
    WHERE open = 1 AND child_batch = 0 AND child > $1
    ORDER BY child
    LIMIT $2
) AS walked
CROSS JOIN LATERAL (SELECT * FROM {schema}.job WHERE id = walked.id LIMIT 1) AS job
ORDER BY walked.id
