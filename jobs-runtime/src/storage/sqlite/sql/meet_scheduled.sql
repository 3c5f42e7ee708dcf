SELECT walked.due_at, walked.id, job.kind, job.queue, job.created_at, job.finished_at, job.attempt, job.fence
FROM (SELECT due_at, id FROM jobs_scheduled WHERE (due_at, id) > (?1, ?2) ORDER BY due_at, id LIMIT ?3) AS walked
CROSS JOIN jobs_job AS job ON job.id = walked.id
ORDER BY walked.due_at, walked.id
