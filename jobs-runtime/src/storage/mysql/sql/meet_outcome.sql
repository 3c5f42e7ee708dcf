SELECT walked.id, job.kind, job.queue, job.created_at, job.finished_at, job.attempt, job.fence
FROM (SELECT id FROM jobs_outcome FORCE INDEX (PRIMARY) WHERE outcome = ?1 AND id > ?2 ORDER BY id LIMIT ?3) AS walked
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = walked.id
ORDER BY walked.id
