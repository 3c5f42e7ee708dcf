SELECT DISTINCT child, child_batch FROM jobs_edge WHERE parent IN (SELECT unhex(value) FROM json_each(?1)) AND open = 1
