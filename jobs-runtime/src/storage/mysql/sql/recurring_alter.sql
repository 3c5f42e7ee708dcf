-- What the code says is kept beside an edit of a definition of its own; an edit back to that is none. Assignments take effect one after the
-- other, so that the second knows what the first has decided.
UPDATE jobs_recurring SET
    code_cron = CASE WHEN owner = 0 AND (COALESCE(code_cron, ?5) <> ?2 OR COALESCE(code_zone, ?6) <> ?3)
                     THEN COALESCE(code_cron, ?5) END,
    code_zone = CASE WHEN code_cron IS NOT NULL THEN COALESCE(code_zone, ?6) END,
    cron = ?2, zone = ?3, next_at = ?4
WHERE id = ?1 AND cron = ?5 AND zone = ?6
