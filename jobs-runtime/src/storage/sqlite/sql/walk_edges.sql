SELECT job.id, job.kind, job.queue, job.attempt, job.due_at, job.created_at, job.finished_at, job.outcome
FROM (
    SELECT DISTINCT child AS id FROM jobs_edge
    WHERE open = 1 AND child_batch = 0 AND child {<} ?1
    ORDER BY child {DESC}
    LIMIT ?2
) AS listed
CROSS JOIN jobs_job AS job ON job.id = listed.id
ORDER BY listed.id {DESC}
