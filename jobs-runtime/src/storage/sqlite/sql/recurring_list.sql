SELECT recurring.id, recurring.owner, recurring.cron, recurring.zone, recurring.misfire, recurring.cap, recurring.overlap,
    kind.name, queue.name, recurring.priority, recurring.payload, recurring.max_attempts, recurring.on_exhausted,
    recurring.timeout, recurring.expires, recurring.retain, recurring.meta, recurring.tags,
    recurring.next_at, recurring.last_at, recurring.last_job
FROM jobs_recurring AS recurring
JOIN jobs_kind AS kind ON kind.id = recurring.kind
JOIN jobs_queue AS queue ON queue.id = recurring.queue
ORDER BY recurring.id
