SELECT 'event ' || event.n || ' belongs to no job'
FROM {schema}.event AS event LEFT JOIN {schema}.job AS job ON job.id = event.job
WHERE job.id IS NULL
UNION ALL
SELECT 'the progress of ' || progress.job || ' belongs to no job'
FROM {schema}.progress AS progress LEFT JOIN {schema}.job AS job ON job.id = progress.job
WHERE job.id IS NULL
