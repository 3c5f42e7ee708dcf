SELECT job.id, job.kind, job.queue, job.created_at, job.finished_at, job.attempt, job.fence, job.outcome
FROM (SELECT unnest($1) AS id) AS asked
CROSS JOIN LATERAL (SELECT * FROM {schema}.job WHERE id = asked.id LIMIT 1) AS job
ORDER BY asked.id
