UPDATE JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS waited
STRAIGHT_JOIN jobs_batch AS batch FORCE INDEX (PRIMARY) ON batch.id = UNHEX(waited.id)
SET batch.flow = batch.flow | 1
WHERE batch.flow & 1 = 0
