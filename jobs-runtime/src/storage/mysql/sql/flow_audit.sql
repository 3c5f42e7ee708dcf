SELECT edge.parent, edge.parent_batch, edge.child, edge.child_batch,
    IF(job.id IS NULL AND batch.id IS NULL, 1, 0),
    IF(job.outcome IS NOT NULL AND job.leaving = 0 OR batch.outcome IS NOT NULL, 1, 0)
FROM jobs_edge AS edge FORCE INDEX (open)
LEFT JOIN jobs_job AS job ON job.id = edge.parent
LEFT JOIN jobs_batch AS batch ON batch.id = edge.parent
WHERE edge.open = 1 AND edge.child > ?1
ORDER BY edge.child, edge.parent
LIMIT ?2
