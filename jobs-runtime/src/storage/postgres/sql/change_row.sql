SELECT state.state, job.kind, job.queue, job.priority, job.due_at, job.attempt, job.max_attempts, job.retain, job.crashes,
    live.fence, job.leaving, job.fence, job.batch, job.flow
FROM {schema}.job AS job
JOIN {schema}.state AS state ON state.id = job.id
LEFT JOIN LATERAL (
    SELECT claim.fence
    FROM {schema}.claim AS claim
    WHERE state.state = 3 AND claim.fence > job.fence AND job.id = ANY (claim.ids)
) AS live ON true
-- A transaction of the application's may see an older moment, in which the batch held the job back. It holds the batch, and is refused where
-- that has changed since.
LEFT JOIN LATERAL (
    SELECT 1
    FROM {schema}.batch AS batch
    WHERE state.state = 1 AND batch.id = job.batch AND current_setting('transaction_isolation') <> 'read committed'
    FOR UPDATE
) AS held ON true
WHERE job.id = $1
