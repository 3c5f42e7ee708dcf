UPDATE JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS asked
STRAIGHT_JOIN jobs_edge AS edge FORCE INDEX (child) ON edge.child = UNHEX(asked.id)
SET edge.open = 0
WHERE edge.open = 1
