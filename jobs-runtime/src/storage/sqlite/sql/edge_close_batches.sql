UPDATE jobs_edge SET open = 0, outcome = batch.outcome, reason = batch.reason
FROM jobs_batch AS batch
WHERE jobs_edge.parent IN (SELECT unhex(value) FROM json_each(?1)) AND jobs_edge.open = 1 AND batch.id = jobs_edge.parent
