UPDATE jobs_job SET leaving = 0 WHERE leaving = 1 AND id IN (SELECT unhex(value) FROM json_each(?1))
