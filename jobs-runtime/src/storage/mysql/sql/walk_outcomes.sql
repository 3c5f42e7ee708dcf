SELECT job.id, job.kind, job.queue, job.attempt, job.due_at, job.created_at, job.finished_at, job.outcome
FROM (
    SELECT id FROM jobs_outcome FORCE INDEX (PRIMARY) WHERE outcome = ?1 AND id {<} ?2 ORDER BY id {DESC} LIMIT ?3
) AS listed
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = listed.id
ORDER BY listed.id {DESC}
