SELECT CONCAT('job ', LOWER(HEX(job.id)), ' ended with ', job.outcome, ' but is not listed so')
FROM jobs_job AS job
LEFT JOIN jobs_outcome AS listed ON listed.outcome = job.outcome AND listed.id = job.id
WHERE job.outcome IN (5, 6) AND listed.id IS NULL
UNION ALL
SELECT CONCAT('job ', LOWER(HEX(listed.id)), ' is listed as ended with ', listed.outcome, ' but is not so')
FROM jobs_outcome AS listed
LEFT JOIN jobs_job AS job ON job.id = listed.id AND job.outcome = listed.outcome
WHERE job.id IS NULL
