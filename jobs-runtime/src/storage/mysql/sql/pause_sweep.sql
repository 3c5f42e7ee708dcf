DELETE FROM jobs_pause WHERE until <= ?1
