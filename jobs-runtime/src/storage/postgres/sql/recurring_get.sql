SELECT recurring.id, recurring.owner, recurring.cron, recurring.zone, recurring.misfire, recurring.cap, recurring.overlap,
    kind.name, queue.name, recurring.priority, recurring.payload, recurring.max_attempts, recurring.on_exhausted,
    recurring.timeout, recurring.expires, recurring.retain, recurring.meta, recurring.tags,
    recurring.next_at, recurring.last_at, recurring.last_job, pause.reason, pause.since, pause.until,
    recurring.owner = 0 AND NOT EXISTS (
        SELECT 1 FROM {schema}.server AS server, json_array_elements_text(server.recurring::json) AS declared (id)
        WHERE server.lease_until > $2 AND declared.id = recurring.id),
    recurring.code_cron, recurring.code_zone
FROM {schema}.recurring AS recurring
JOIN {schema}.kind AS kind ON kind.id = recurring.kind
JOIN {schema}.queue AS queue ON queue.id = recurring.queue
LEFT JOIN {schema}.pause AS pause
    ON pause.what = 2 AND pause.target = recurring.id AND (pause.until IS NULL OR pause.until > $2)
WHERE recurring.id = $1
