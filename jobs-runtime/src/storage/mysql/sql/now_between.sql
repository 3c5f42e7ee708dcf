SET @jobs_now = IF(@jobs_now BETWEEN ?1 AND ?2, @jobs_now, NULL)
