-- Those that wait for parents as well are met among the children.
SELECT job.id, job.kind, job.queue, job.created_at, job.finished_at, job.attempt, job.fence
FROM jobs_job AS job FORCE INDEX (batch)
WHERE job.batch = ?1 AND job.id > ?2 AND job.outcome IS NULL AND job.flow & 16 = 0
    AND NOT (job.flow & 2 <> 0 AND EXISTS (SELECT 1 FROM jobs_edge AS edge WHERE edge.child = job.id AND edge.open = 1))
ORDER BY job.id
LIMIT ?3
