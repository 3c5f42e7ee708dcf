SELECT fence FROM jobs_live WHERE id = ?1
UNION ALL
SELECT fence FROM jobs_job WHERE id = ?1 AND leaving = 1
