SELECT kinds FROM jobs_server WHERE lease_until > ?1
