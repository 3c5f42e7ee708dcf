SELECT claim.fence
FROM jobs_job AS job
STRAIGHT_JOIN jobs_claim AS claim ON claim.fence > job.fence AND LOCATE(LOWER(HEX(job.id)), claim.ids) > 0
WHERE job.id = ?1 AND job.outcome IS NULL
UNION ALL
SELECT fence FROM jobs_job WHERE id = ?1 AND leaving = 1
