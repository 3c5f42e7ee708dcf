UPDATE JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS ended
STRAIGHT_JOIN jobs_batch AS batch FORCE INDEX (PRIMARY) ON batch.id = UNHEX(ended.id)
STRAIGHT_JOIN jobs_edge AS edge FORCE INDEX (PRIMARY) ON edge.parent = batch.id
SET edge.open = 0, edge.outcome = batch.outcome, edge.reason = batch.reason
WHERE edge.open = 1
