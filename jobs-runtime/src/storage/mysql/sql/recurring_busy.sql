SELECT 1 FROM jobs_recurring AS recurring
JOIN jobs_job AS job ON job.id = recurring.last_job
WHERE recurring.id = ?1 AND job.outcome IS NULL
