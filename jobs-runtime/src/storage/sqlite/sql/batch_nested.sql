SELECT id FROM jobs_batch WHERE parent IN (SELECT unhex(value) FROM json_each(?1)) ORDER BY id
