DELETE FROM jobs_expiry WHERE (at, id) <= (?1, ?2)
