SELECT number FROM jobs_pause WHERE what = 1 AND (until IS NULL OR until > ?1)
