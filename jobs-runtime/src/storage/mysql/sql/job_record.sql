SELECT job.id, kind.name, queue.name, job.priority, job.payload, job.created_at, job.due_at, job.expires_at, job.attempt,
    job.max_attempts, job.crashes, job.cancel, job.on_exhausted, job.timeout, job.meta, job.tags, job.recurring, job.occurrence,
    CAST(state.state AS SIGNED), job.started_at, job.finished_at, job.fence, job.retain, job.output, job.reason,
    progress.fraction, progress.text, claim.server, claim.claimed_at, job.batch
FROM {source} AS page
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = page.id
STRAIGHT_JOIN jobs_kind AS kind ON kind.id = job.kind
STRAIGHT_JOIN jobs_queue AS queue ON queue.id = job.queue
STRAIGHT_JOIN jobs_state AS state ON state.id = job.id
LEFT JOIN jobs_progress AS progress ON progress.job = job.id
LEFT JOIN jobs_claim AS claim
    ON state.state = 3 AND claim.fence > job.fence AND LOCATE(LOWER(HEX(job.id)), claim.ids) > 0
