SELECT 0 - turn, id
FROM jobs_ready FORCE INDEX (PRIMARY)
WHERE suspect IN (0, 1) AND queue = ?1 AND kind = ?2
LIMIT ?3
FOR UPDATE SKIP LOCKED
