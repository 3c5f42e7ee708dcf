SELECT id, batch FROM jobs_job WHERE batch IS NOT NULL AND id IN (SELECT unhex(value) FROM json_each(?1))
