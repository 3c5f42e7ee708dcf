DELETE FROM jobs_edge WHERE child IN (SELECT unhex(value) FROM json_each(?1))
