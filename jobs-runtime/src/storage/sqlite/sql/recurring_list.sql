SELECT recurring.id, recurring.owner, recurring.cron, recurring.zone, recurring.misfire, recurring.cap, recurring.overlap,
    kind.name, queue.name, recurring.priority, recurring.payload, recurring.max_attempts, recurring.on_exhausted,
    recurring.timeout, recurring.expires, recurring.retain, recurring.meta, recurring.tags,
    recurring.next_at, recurring.last_at, recurring.last_job, pause.reason, pause.since, pause.until,
    recurring.owner = 0 AND NOT EXISTS (
        SELECT 1 FROM jobs_server AS server, json_each(server.recurring) AS declared
        WHERE server.lease_until > ?1 AND declared.value = recurring.id),
    recurring.code_cron, recurring.code_zone
FROM jobs_recurring AS recurring
JOIN jobs_kind AS kind ON kind.id = recurring.kind
JOIN jobs_queue AS queue ON queue.id = recurring.queue
LEFT JOIN jobs_pause AS pause
    ON pause.what = 2 AND pause.target = recurring.id AND (pause.until IS NULL OR pause.until > ?1)
ORDER BY recurring.id
