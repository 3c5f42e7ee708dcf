UPDATE jobs_recurring SET last_at = ?2, last_job = ?3 WHERE id = ?1
