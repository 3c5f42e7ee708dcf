SELECT parent, parent_batch, child, child_batch, condition, outcome FROM {schema}.edge WHERE parent = ANY ($1)
UNION
SELECT parent, parent_batch, child, child_batch, condition, outcome FROM {schema}.edge WHERE child = ANY ($1)
ORDER BY 1, 3
LIMIT 1000
