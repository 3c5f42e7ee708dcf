SELECT job.id, job.kind, job.queue, job.attempt, job.due_at, job.created_at, job.finished_at, job.outcome
FROM {schema}.claim AS claim
CROSS JOIN LATERAL unnest(claim.ids) AS listed (id)
CROSS JOIN LATERAL (
    SELECT * FROM {schema}.job WHERE id = listed.id AND fence < claim.fence AND outcome IS NULL LIMIT 1
) AS job
WHERE listed.id {<} $1
ORDER BY listed.id {DESC}
LIMIT $2
