DELETE operation FROM (SELECT id, finished_at FROM jobs_operation FORCE INDEX (PRIMARY) ORDER BY id LIMIT ?2) AS oldest
STRAIGHT_JOIN jobs_operation AS operation FORCE INDEX (PRIMARY) ON operation.id = oldest.id
WHERE oldest.finished_at <= ?1
