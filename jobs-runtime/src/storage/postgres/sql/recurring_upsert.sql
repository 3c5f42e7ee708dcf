-- An operator's edit of a definition of the code stays in force, and what the code says now stands beside it, until both are the same.
INSERT INTO {schema}.recurring (id, owner, cron, zone, misfire, cap, overlap, kind, queue, priority, payload, max_attempts,
    on_exhausted, timeout, expires, retain, meta, tags, next_at, declared_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
ON CONFLICT (id) DO UPDATE SET
    next_at = CASE WHEN recurring.code_cron IS NOT NULL AND excluded.owner = 0 OR recurring.cron = excluded.cron AND recurring.zone = excluded.zone
                   THEN recurring.next_at ELSE excluded.next_at END,
    cron = CASE WHEN recurring.code_cron IS NOT NULL AND excluded.owner = 0 THEN recurring.cron ELSE excluded.cron END,
    zone = CASE WHEN recurring.code_cron IS NOT NULL AND excluded.owner = 0 THEN recurring.zone ELSE excluded.zone END,
    code_cron = CASE WHEN recurring.code_cron IS NOT NULL AND excluded.owner = 0 AND (recurring.cron <> excluded.cron OR recurring.zone <> excluded.zone)
                     THEN excluded.cron END,
    code_zone = CASE WHEN recurring.code_cron IS NOT NULL AND excluded.owner = 0 AND (recurring.cron <> excluded.cron OR recurring.zone <> excluded.zone)
                     THEN excluded.zone END,
    owner = excluded.owner, misfire = excluded.misfire, cap = excluded.cap,
    overlap = excluded.overlap, kind = excluded.kind, queue = excluded.queue, priority = excluded.priority,
    payload = excluded.payload, max_attempts = excluded.max_attempts, on_exhausted = excluded.on_exhausted,
    timeout = excluded.timeout, expires = excluded.expires, retain = excluded.retain, meta = excluded.meta,
    tags = excluded.tags, declared_at = excluded.declared_at
