SELECT at, id FROM jobs_expiry WHERE at <= ?1 ORDER BY at, id LIMIT ?2
