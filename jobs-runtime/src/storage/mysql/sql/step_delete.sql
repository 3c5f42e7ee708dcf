DELETE FROM jobs_step WHERE at = ?1 AND batch = ?2
