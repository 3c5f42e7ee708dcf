SELECT edge.parent, edge.parent_batch, edge.child, edge.child_batch,
    job.id IS NULL AND batch.id IS NULL,
    job.outcome IS NOT NULL AND job.leaving = 0 OR batch.outcome IS NOT NULL
FROM jobs_edge AS edge
LEFT JOIN jobs_job AS job ON job.id = edge.parent
LEFT JOIN jobs_batch AS batch ON batch.id = edge.parent
WHERE edge.open = 1 AND edge.child > ?1
ORDER BY edge.child, edge.parent
LIMIT ?2
