UPDATE {schema}.edge AS edge SET open = 0, outcome = batch.outcome, reason = batch.reason
FROM {schema}.batch AS batch
WHERE edge.parent = ANY ($1) AND edge.open = 1 AND batch.id = edge.parent
