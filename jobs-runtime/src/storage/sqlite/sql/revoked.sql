WITH asked (id, fence) AS (VALUES {rows})
SELECT asked.id, asked.fence, job.fence, job.outcome, job.cancel
FROM asked LEFT JOIN jobs_job AS job ON job.id = asked.id
