SELECT job.id, job.kind, job.queue, job.attempt, job.due_at, job.created_at, job.finished_at, job.outcome
FROM (
    SELECT due_at, id FROM jobs_scheduled WHERE (due_at, id) {>} (?1, ?2) ORDER BY due_at {ASC}, id {ASC} LIMIT ?3
) AS listed
CROSS JOIN jobs_job AS job ON job.id = listed.id
ORDER BY listed.due_at {ASC}, listed.id {ASC}
