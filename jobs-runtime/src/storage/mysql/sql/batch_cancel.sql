UPDATE JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS asked
STRAIGHT_JOIN jobs_batch AS batch FORCE INDEX (PRIMARY) ON batch.id = UNHEX(asked.id)
SET batch.cancelled = 1, batch.reason = ?2
