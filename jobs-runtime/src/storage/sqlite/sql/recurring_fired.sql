UPDATE jobs_recurring SET last_at = coalesce(?2, last_at), last_job = ?3 WHERE id = ?1
