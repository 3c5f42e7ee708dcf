SELECT state.state, job.kind, job.queue, job.priority, job.due_at, job.attempt, job.max_attempts, job.retain, job.crashes,
    live.fence, job.leaving, job.fence, job.batch, job.flow
FROM {schema}.job AS job
JOIN {schema}.state AS state ON state.id = job.id
LEFT JOIN LATERAL (
    SELECT claim.fence
    FROM {schema}.claim AS claim
    WHERE state.state = 3 AND claim.fence > job.fence AND job.id = ANY (claim.ids)
) AS live ON true
WHERE job.id = $1
