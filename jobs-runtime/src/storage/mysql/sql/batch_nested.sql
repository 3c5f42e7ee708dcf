SELECT batch.id
FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS asked
STRAIGHT_JOIN jobs_batch AS batch FORCE INDEX (parent) ON batch.parent = UNHEX(asked.id)
ORDER BY batch.id
