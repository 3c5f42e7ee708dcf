SELECT job.id, kind.name, queue.name, job.priority, job.payload, job.created_at, job.due_at, job.expires_at, job.attempt,
    job.max_attempts, job.crashes, job.cancel, job.on_exhausted, job.timeout, job.meta, job.tags, job.recurring, job.occurrence,
    state.state, job.started_at, job.finished_at, job.fence, job.retain, job.output, job.reason,
    progress.fraction, progress.text, live.server, live.claimed_at, job.batch
-- The page first, so that everything else is looked up for its few jobs alone.
FROM (
    SELECT listed.id
    FROM {source} AS listed
    JOIN {schema}.job AS job ON job.id = listed.id
    WHERE ($1 IS NULL OR listed.id < $1)
        AND ($2 IS NULL OR job.kind = (SELECT id FROM {schema}.kind WHERE name = $2))
        AND ($3 IS NULL OR job.queue = (SELECT id FROM {schema}.queue WHERE name = $3))
    ORDER BY listed.id DESC
    LIMIT $4
) AS page
JOIN {schema}.job AS job ON job.id = page.id
JOIN {schema}.kind AS kind ON kind.id = job.kind
JOIN {schema}.queue AS queue ON queue.id = job.queue
JOIN {schema}.state AS state ON state.id = job.id
LEFT JOIN {schema}.progress AS progress ON progress.job = job.id
LEFT JOIN LATERAL (
    SELECT claim.server, claim.claimed_at
    FROM {schema}.claim AS claim
    WHERE state.state = 3 AND claim.fence > job.fence AND job.id = ANY (claim.ids)
) AS live ON true
ORDER BY job.id DESC
