SELECT at, batch FROM jobs_step WHERE at <= ?1 ORDER BY at, batch LIMIT 1
