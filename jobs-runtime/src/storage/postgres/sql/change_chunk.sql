SELECT claim.fence
FROM {schema}.job AS job
JOIN {schema}.claim AS claim ON claim.fence > job.fence AND job.id = ANY (claim.ids)
WHERE job.id = $1 AND job.outcome IS NULL
UNION ALL
SELECT fence FROM {schema}.job WHERE id = $1 AND leaving = 1
