SELECT job.id, job.kind, job.queue, job.attempt, job.due_at, job.created_at, job.finished_at, job.outcome
FROM (
    SELECT id FROM jobs_ready WHERE queue = ?1 AND priority = ?2 AND id {>} ?3 ORDER BY id {ASC} LIMIT ?4
) AS listed
CROSS JOIN jobs_job AS job ON job.id = listed.id
ORDER BY listed.id {ASC}
