DELETE FROM jobs_event WHERE job IN (SELECT unhex(value) FROM json_each(?1))
