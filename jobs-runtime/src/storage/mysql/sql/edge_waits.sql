-- Held, so that they are seen as they are, not as a transaction of the application's saw them first.
SELECT edge.child, edge.parent, edge.parent_batch, edge.`condition`, edge.open, edge.outcome
FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS asked
STRAIGHT_JOIN jobs_edge AS edge FORCE INDEX (child) ON edge.child = UNHEX(asked.id)
ORDER BY edge.child, edge.position
LOCK IN SHARE MODE
