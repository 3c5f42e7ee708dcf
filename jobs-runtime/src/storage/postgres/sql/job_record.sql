-- Each part is looked up for the few jobs alone, whatever the planner believes of the tables.
SELECT job.id, kind.name, queue.name, job.priority, job.payload, job.created_at, job.due_at, job.expires_at, job.attempt,
    job.max_attempts, job.crashes, job.cancel, job.on_exhausted, job.timeout, job.meta, job.tags, job.recurring, job.occurrence,
    state.state, job.started_at, job.finished_at, job.fence, job.retain, job.output, job.reason,
    progress.fraction, progress.text, live.server, live.claimed_at, job.batch
FROM {source} AS page
CROSS JOIN LATERAL (SELECT * FROM {schema}.job WHERE id = page.id LIMIT 1) AS job
CROSS JOIN LATERAL (SELECT state FROM {schema}.state WHERE id = page.id LIMIT 1) AS state
JOIN {schema}.kind AS kind ON kind.id = job.kind
JOIN {schema}.queue AS queue ON queue.id = job.queue
LEFT JOIN {schema}.progress AS progress ON progress.job = job.id
LEFT JOIN LATERAL (
    SELECT claim.server, claim.claimed_at
    FROM {schema}.claim AS claim
    WHERE state.state = 3 AND claim.fence > job.fence AND job.id = ANY (claim.ids)
) AS live ON true
