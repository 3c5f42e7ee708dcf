DELETE FROM jobs_stat WHERE grain = ?1 AND at < ?2
