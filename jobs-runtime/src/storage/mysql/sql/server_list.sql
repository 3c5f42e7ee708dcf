SELECT server.id, server.started_at, server.beat_at, server.lease_until, server.info, server.kinds, server.recurring, server.stop,
    server.workers, pause.reason, pause.since, pause.until
FROM jobs_server AS server
LEFT JOIN jobs_pause AS pause
    ON pause.what = 3 AND pause.target = CAST(LOWER(HEX(server.id)) AS BINARY) AND (pause.until IS NULL OR pause.until > ?1)
ORDER BY server.started_at, server.id
