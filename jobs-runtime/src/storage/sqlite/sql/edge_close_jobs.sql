UPDATE jobs_edge SET
    open = 0,
    outcome = job.outcome,
    output = CASE WHEN job.outcome = 4 THEN job.output END,
    reason = CASE WHEN job.outcome <> 4 THEN job.reason END
FROM jobs_job AS job
WHERE jobs_edge.parent IN (SELECT unhex(value) FROM json_each(?1)) AND jobs_edge.open = 1 AND job.id = jobs_edge.parent
