-- Those that wait for a parent as well are listed there.
SELECT job.id, job.kind, job.queue, job.attempt, job.due_at, job.created_at, job.finished_at, job.outcome
FROM jobs_batch AS batch
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (batch) ON job.batch = batch.id AND job.id > batch.moved
WHERE batch.id = ?1 AND job.id {<} ?2 AND job.outcome IS NULL AND job.flow & 16 = 0
    AND NOT (job.flow & 2 <> 0 AND EXISTS (SELECT 1 FROM jobs_edge AS e WHERE e.child = job.id AND e.open = 1))
ORDER BY job.id {DESC}
LIMIT ?3
