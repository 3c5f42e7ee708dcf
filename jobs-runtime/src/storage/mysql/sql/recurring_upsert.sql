INSERT INTO jobs_recurring (id, owner, cron, zone, misfire, cap, overlap, kind, queue, priority, payload, max_attempts,
    on_exhausted, timeout, expires, retain, meta, tags, next_at, declared_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
ON DUPLICATE KEY UPDATE
    next_at = IF(cron = VALUES(cron) AND zone = VALUES(zone), next_at, VALUES(next_at)),
    owner = VALUES(owner), cron = VALUES(cron), zone = VALUES(zone), misfire = VALUES(misfire), cap = VALUES(cap),
    overlap = VALUES(overlap), kind = VALUES(kind), queue = VALUES(queue), priority = VALUES(priority),
    payload = VALUES(payload), max_attempts = VALUES(max_attempts), on_exhausted = VALUES(on_exhausted),
    timeout = VALUES(timeout), expires = VALUES(expires), retain = VALUES(retain), meta = VALUES(meta),
    tags = VALUES(tags), declared_at = VALUES(declared_at)
