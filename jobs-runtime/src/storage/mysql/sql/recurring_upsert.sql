-- An operator's edit of a definition of the code stays in force, and what the code says now stands beside it, until both are the same.
-- Assignments take effect one after the other, and a text that is assigned to itself writes over its VALUES() in MariaDB, so that the
-- parameters are named instead.
INSERT INTO jobs_recurring (id, owner, cron, zone, misfire, cap, overlap, kind, queue, priority, payload, max_attempts,
    on_exhausted, timeout, expires, retain, meta, tags, next_at, declared_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
ON DUPLICATE KEY UPDATE
    next_at = IF(code_cron IS NOT NULL AND ?2 = 0 OR cron = ?3 AND zone = ?4, next_at, VALUES(next_at)),
    cron = IF(code_cron IS NOT NULL AND ?2 = 0, cron, ?3),
    zone = IF(code_cron IS NOT NULL AND ?2 = 0, zone, ?4),
    code_zone = IF(code_cron IS NOT NULL AND ?2 = 0 AND (cron <> ?3 OR zone <> ?4), ?4, NULL),
    code_cron = IF(code_cron IS NOT NULL AND ?2 = 0 AND (cron <> ?3 OR zone <> ?4), ?3, NULL),
    owner = VALUES(owner), misfire = VALUES(misfire), cap = VALUES(cap),
    overlap = VALUES(overlap), kind = VALUES(kind), queue = VALUES(queue), priority = VALUES(priority),
    payload = VALUES(payload), max_attempts = VALUES(max_attempts), on_exhausted = VALUES(on_exhausted),
    timeout = VALUES(timeout), expires = VALUES(expires), retain = VALUES(retain), meta = VALUES(meta),
    tags = VALUES(tags), declared_at = VALUES(declared_at)
