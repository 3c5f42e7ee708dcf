WITH asked (id, fence) AS (VALUES {rows})
SELECT asked.id, asked.fence, job.fence, job.outcome,
    (job.cancel = 1 OR job.batch IS NOT NULL AND EXISTS (SELECT 1 FROM jobs_batch AS batch WHERE batch.id = job.batch AND batch.cancelled = 1))
FROM asked LEFT JOIN jobs_job AS job ON job.id = asked.id
