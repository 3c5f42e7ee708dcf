-- One probe of the jobs for each row, whatever the planner believes of the table.
SELECT job.id, job.kind, job.queue, job.attempt, job.due_at, job.created_at, job.finished_at, job.outcome
FROM (SELECT id FROM {schema}.outcome WHERE outcome = $1 AND id {<} $2 ORDER BY id {DESC} LIMIT $3) AS listed
CROSS JOIN LATERAL (SELECT * FROM {schema}.job WHERE id = listed.id LIMIT 1) AS job
ORDER BY listed.id {DESC}
