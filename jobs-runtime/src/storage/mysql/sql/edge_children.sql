-- Held, so that they are seen as they are, not as a transaction of the application's saw them first.
SELECT DISTINCT edge.child, edge.child_batch
FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS asked
STRAIGHT_JOIN jobs_edge AS edge FORCE INDEX (PRIMARY) ON edge.parent = UNHEX(asked.id)
WHERE edge.open = 1
LOCK IN SHARE MODE
