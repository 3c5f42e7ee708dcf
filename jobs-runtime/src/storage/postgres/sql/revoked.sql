SELECT asked.id, asked.fence, job.fence, job.outcome,
    (job.cancel OR job.batch IS NOT NULL AND EXISTS (SELECT 1 FROM {schema}.batch AS batch WHERE batch.id = job.batch AND batch.cancelled))
FROM unnest($1, $2) AS asked (id, fence)
LEFT JOIN {schema}.job AS job ON job.id = asked.id
