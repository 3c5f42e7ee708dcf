SELECT walked.id, job.kind, job.queue, job.created_at, job.finished_at, job.attempt, job.fence
FROM (
    SELECT DISTINCT child AS id FROM jobs_edge FORCE INDEX (open)
    WHERE open = 1 AND child_batch = 0 AND child > ?1
    ORDER BY child
    LIMIT ?2
) AS walked
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = walked.id
ORDER BY walked.id
