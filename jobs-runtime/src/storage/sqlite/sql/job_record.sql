SELECT job.id, kind.name, queue.name, job.priority, job.payload, job.created_at, job.due_at, job.expires_at, job.attempt,
    job.max_attempts, job.crashes, job.cancel, job.on_exhausted, job.timeout, job.meta, job.tags, job.recurring, job.occurrence,
    state.state, job.started_at, job.finished_at, job.fence, job.retain, job.output, job.reason,
    progress.fraction, progress.text, live.server, live.claimed_at, job.batch
FROM {source} AS page
CROSS JOIN jobs_job AS job ON job.id = page.id
CROSS JOIN jobs_kind AS kind ON kind.id = job.kind
CROSS JOIN jobs_queue AS queue ON queue.id = job.queue
CROSS JOIN jobs_state AS state ON state.id = job.id
LEFT JOIN jobs_progress AS progress ON progress.job = job.id
LEFT JOIN jobs_live AS live ON live.id = job.id AND state.state = 3
