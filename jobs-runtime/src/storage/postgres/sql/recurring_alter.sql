-- What the code says is kept beside an edit of a definition of its own; an edit back to that is none.
UPDATE {schema}.recurring SET
    code_cron = CASE WHEN owner = 0 AND (coalesce(code_cron, cron) <> $2 OR coalesce(code_zone, zone) <> $3)
                     THEN coalesce(code_cron, cron) END,
    code_zone = CASE WHEN owner = 0 AND (coalesce(code_cron, cron) <> $2 OR coalesce(code_zone, zone) <> $3)
                     THEN coalesce(code_zone, zone) END,
    cron = $2, zone = $3, next_at = $4
WHERE id = $1 AND cron = $5 AND zone = $6
