SELECT walked.due_at, walked.id, job.kind, job.queue, job.created_at, job.finished_at, job.attempt, job.fence
FROM (
    SELECT due_at, id FROM (
        (SELECT due_at, id FROM jobs_scheduled FORCE INDEX (PRIMARY) WHERE due_at = ?1 AND id > ?2 ORDER BY id LIMIT ?3)
        UNION ALL
        (SELECT due_at, id FROM jobs_scheduled FORCE INDEX (PRIMARY) WHERE due_at > ?1 ORDER BY due_at, id LIMIT ?3)
    ) AS part
    ORDER BY due_at, id
    LIMIT ?3
) AS walked
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = walked.id
ORDER BY walked.due_at, walked.id
