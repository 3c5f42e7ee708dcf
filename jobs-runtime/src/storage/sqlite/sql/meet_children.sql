SELECT walked.id, job.kind, job.queue, job.created_at, job.finished_at, job.attempt, job.fence
FROM (
    SELECT DISTINCT child AS id FROM jobs_edge
    WHERE open = 1 AND child_batch = 0 AND child > ?1
    ORDER BY child
    LIMIT ?2
) AS walked
CROSS JOIN jobs_job AS job ON job.id = walked.id
ORDER BY walked.id
