SELECT job.id, job.kind, job.queue, job.attempt, job.due_at, job.created_at, job.finished_at, job.outcome
FROM jobs_claim AS claim
CROSS JOIN json_each(claim.ids) AS member
CROSS JOIN jobs_job AS job ON job.id = unhex(member.value)
WHERE job.fence < claim.fence AND job.outcome IS NULL AND job.id {<} ?1
ORDER BY job.id {DESC}
LIMIT ?2
