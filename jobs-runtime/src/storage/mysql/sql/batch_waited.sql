SELECT 1
FROM jobs_edge AS edge FORCE INDEX (PRIMARY)
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = edge.child
WHERE edge.parent = ?1 AND edge.child_batch = 0 AND job.outcome IS NULL
UNION ALL
SELECT 1
FROM jobs_edge AS edge FORCE INDEX (PRIMARY)
STRAIGHT_JOIN jobs_batch AS batch FORCE INDEX (PRIMARY) ON batch.id = edge.child
WHERE edge.parent = ?1 AND edge.child_batch = 1 AND batch.outcome IS NULL
LIMIT 1
