SELECT recurring.id, recurring.owner, recurring.cron, recurring.zone, recurring.misfire, recurring.cap, recurring.overlap,
    kind.name, queue.name, recurring.priority, recurring.payload, recurring.max_attempts, recurring.on_exhausted,
    recurring.timeout, recurring.expires, recurring.retain, recurring.meta, recurring.tags,
    recurring.next_at, recurring.last_at, recurring.last_job
FROM jobs_recurring AS recurring
JOIN jobs_kind AS kind ON kind.id = recurring.kind
JOIN jobs_queue AS queue ON queue.id = recurring.queue
WHERE recurring.next_at <= ?1 AND (recurring.owner = 1 OR recurring.id IN (SELECT value FROM json_each(?2)))
ORDER BY recurring.next_at
LIMIT 1000
