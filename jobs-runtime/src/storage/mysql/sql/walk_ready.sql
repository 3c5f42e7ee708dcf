SELECT job.id, job.kind, job.queue, job.attempt, job.due_at, job.created_at, job.finished_at, job.outcome
FROM (
    (SELECT id FROM jobs_ready FORCE INDEX (PRIMARY)
     WHERE suspect = 0 AND queue = ?1 AND turn = 0 - ?2 AND id {>} ?3 ORDER BY id {ASC} LIMIT ?4)
    UNION ALL
    (SELECT id FROM jobs_ready FORCE INDEX (PRIMARY)
     WHERE suspect = 1 AND queue = ?1 AND turn = 0 - ?2 AND id {>} ?3 ORDER BY id {ASC} LIMIT ?4)
    ORDER BY id {ASC}
    LIMIT ?4
) AS listed
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = listed.id
ORDER BY listed.id {ASC}
