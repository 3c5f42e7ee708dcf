SELECT CONCAT('event ', event.n, ' belongs to no job')
FROM jobs_event AS event LEFT JOIN jobs_job AS job ON job.id = event.job
WHERE job.id IS NULL
UNION ALL
SELECT CONCAT('the progress of ', LOWER(HEX(progress.job)), ' belongs to no job')
FROM jobs_progress AS progress LEFT JOIN jobs_job AS job ON job.id = progress.job
WHERE job.id IS NULL
