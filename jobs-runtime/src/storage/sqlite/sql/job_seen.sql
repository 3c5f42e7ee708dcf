SELECT id FROM jobs_job WHERE id IN (SELECT unhex(value) FROM json_each(?1))
