UPDATE jobs_server SET lease_until = 0 WHERE id = ?1
