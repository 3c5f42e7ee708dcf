DELETE FROM jobs_recurring WHERE id = ?1
