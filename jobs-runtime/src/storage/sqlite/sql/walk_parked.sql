SELECT job.id, job.kind, job.queue, job.attempt, job.due_at, job.created_at, job.finished_at, job.outcome
FROM (
    SELECT id FROM jobs_parked
    WHERE kind = ?1 AND queue = ?2 AND priority = ?3 AND id {>} ?4
    ORDER BY id {ASC}
    LIMIT ?5
) AS listed
CROSS JOIN jobs_job AS job ON job.id = listed.id
ORDER BY listed.id {ASC}
