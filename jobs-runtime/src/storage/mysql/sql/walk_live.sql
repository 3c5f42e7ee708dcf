SELECT job.id, job.kind, job.queue, job.attempt, job.due_at, job.created_at, job.finished_at, job.outcome
FROM jobs_claim AS claim
STRAIGHT_JOIN JSON_TABLE(claim.ids, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS member
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = UNHEX(member.id)
WHERE job.fence < claim.fence AND job.outcome IS NULL AND job.id {<} ?1
ORDER BY job.id {DESC}
LIMIT ?2
