DELETE FROM jobs_error WHERE last_at < ?1
