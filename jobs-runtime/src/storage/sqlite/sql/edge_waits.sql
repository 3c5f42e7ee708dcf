SELECT child, parent, parent_batch, condition, open, outcome FROM jobs_edge WHERE child IN (SELECT unhex(value) FROM json_each(?1)) ORDER BY child, position
