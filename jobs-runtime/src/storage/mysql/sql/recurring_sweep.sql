DELETE FROM jobs_recurring WHERE owner = 0 AND declared_at <= ?1
