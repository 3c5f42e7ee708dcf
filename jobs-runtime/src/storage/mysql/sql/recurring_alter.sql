UPDATE jobs_recurring SET cron = ?2, zone = ?3, next_at = ?4
WHERE id = ?1 AND owner = 1 AND cron = ?5 AND zone = ?6
