SELECT asked.value ->> 0, asked.value ->> 1, job.fence, job.outcome, job.cancel
FROM json_each(?1) AS asked
LEFT JOIN jobs_job AS job ON job.id = unhex(asked.value ->> 0)
