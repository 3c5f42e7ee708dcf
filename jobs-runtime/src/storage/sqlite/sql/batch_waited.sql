SELECT 1 FROM jobs_edge AS edge JOIN jobs_job AS job ON job.id = edge.child
WHERE edge.parent = ?1 AND edge.child_batch = 0 AND job.outcome IS NULL
UNION ALL
SELECT 1 FROM jobs_edge AS edge JOIN jobs_batch AS batch ON batch.id = edge.child
WHERE edge.parent = ?1 AND edge.child_batch = 1 AND batch.outcome IS NULL
LIMIT 1
