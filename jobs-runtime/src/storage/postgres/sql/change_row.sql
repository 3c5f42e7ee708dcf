SELECT state.state, job.kind, job.queue, job.priority, job.due_at, job.attempt, job.max_attempts, job.retain, job.crashes,
    live.fence, job.leaving, job.fence
FROM {schema}.job AS job
JOIN {schema}.state AS state ON state.id = job.id
LEFT JOIN {schema}.live AS live ON live.id = job.id AND state.state = 3
WHERE job.id = $1
