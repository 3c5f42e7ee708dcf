DELETE FROM jobs_progress WHERE job IN (SELECT unhex(value) FROM json_each(?1))
