SELECT edge.parent, edge.parent_batch, edge.child, edge.child_batch, edge.`condition`, edge.outcome
FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS asked
STRAIGHT_JOIN jobs_edge AS edge FORCE INDEX (PRIMARY) ON edge.parent = UNHEX(asked.id)
UNION
SELECT edge.parent, edge.parent_batch, edge.child, edge.child_batch, edge.`condition`, edge.outcome
FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS asked
STRAIGHT_JOIN jobs_edge AS edge FORCE INDEX (child) ON edge.child = UNHEX(asked.id)
ORDER BY 1, 3
LIMIT 1000
