SELECT id, outcome, finished_at, retain, due_at, queue, kind, leaving, batch
FROM jobs_job FORCE INDEX (PRIMARY)
WHERE id > ?1 AND id < ?2
ORDER BY id
LIMIT ?3
FOR UPDATE
