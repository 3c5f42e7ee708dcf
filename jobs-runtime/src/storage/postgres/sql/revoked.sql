SELECT asked.id, asked.fence, job.fence, job.outcome, job.cancel
FROM unnest($1, $2) AS asked (id, fence)
LEFT JOIN {schema}.job AS job ON job.id = asked.id
