SELECT state.state, job.kind, job.queue, job.priority, job.due_at, job.attempt, job.max_attempts, job.retain, job.crashes,
    live.fence, job.leaving, job.fence, job.batch, job.flow
FROM jobs_job AS job
JOIN jobs_state AS state ON state.id = job.id
LEFT JOIN jobs_live AS live ON live.id = job.id AND state.state = 3
WHERE job.id = ?1
