SELECT job.id, job.kind, job.queue, job.attempt, job.due_at, job.created_at, job.finished_at, job.outcome
FROM (
    (SELECT due_at, id FROM jobs_scheduled FORCE INDEX (PRIMARY)
     WHERE due_at = ?1 AND id {>} ?2 ORDER BY id {ASC} LIMIT ?3)
    UNION ALL
    (SELECT due_at, id FROM jobs_scheduled FORCE INDEX (PRIMARY)
     WHERE due_at {>} ?1 ORDER BY due_at {ASC}, id {ASC} LIMIT ?3)
    ORDER BY due_at {ASC}, id {ASC}
    LIMIT ?3
) AS listed
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = listed.id
ORDER BY listed.due_at {ASC}, listed.id {ASC}
