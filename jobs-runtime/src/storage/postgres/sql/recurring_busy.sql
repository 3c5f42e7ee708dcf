SELECT 1 FROM {schema}.recurring AS recurring
JOIN {schema}.job AS job ON job.id = recurring.last_job
WHERE recurring.id = $1 AND job.outcome IS NULL
