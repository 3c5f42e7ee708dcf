UPDATE jobs_edge SET open = 0 WHERE child IN (SELECT unhex(value) FROM json_each(?1)) AND open = 1
