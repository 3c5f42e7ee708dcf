UPDATE JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS ended
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = UNHEX(ended.id)
STRAIGHT_JOIN jobs_edge AS edge FORCE INDEX (PRIMARY) ON edge.parent = job.id
SET
    edge.open = 0,
    edge.outcome = job.outcome,
    edge.output = IF(job.outcome = 4, job.output, NULL),
    edge.reason = IF(job.outcome <> 4, job.reason, NULL)
WHERE edge.open = 1
