UPDATE {schema}.edge AS edge SET
    open = 0,
    outcome = job.outcome,
    output = CASE WHEN job.outcome = 4 THEN job.output END,
    reason = CASE WHEN job.outcome <> 4 THEN job.reason END
FROM {schema}.job AS job
WHERE edge.parent = ANY ($1) AND edge.open = 1 AND job.id = edge.parent
