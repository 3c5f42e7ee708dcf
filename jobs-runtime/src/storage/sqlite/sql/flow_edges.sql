SELECT parent, parent_batch, child, child_batch, condition, outcome FROM jobs_edge WHERE parent IN (SELECT unhex(value) FROM json_each(?1))
UNION
SELECT parent, parent_batch, child, child_batch, condition, outcome FROM jobs_edge WHERE child IN (SELECT unhex(value) FROM json_each(?1))
ORDER BY 1, 3
LIMIT 1000
