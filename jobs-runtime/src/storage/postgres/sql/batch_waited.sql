SELECT 1 FROM {schema}.edge AS edge JOIN {schema}.job AS job ON job.id = edge.child
WHERE edge.parent = $1 AND edge.child_batch = 0 AND job.outcome IS NULL
UNION ALL
SELECT 1 FROM {schema}.edge AS edge JOIN {schema}.batch AS batch ON batch.id = edge.child
WHERE edge.parent = $1 AND edge.child_batch = 1 AND batch.outcome IS NULL
LIMIT 1
