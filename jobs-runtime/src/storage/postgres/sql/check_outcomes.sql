SELECT 'job ' || job.id || ' ended with ' || job.outcome || ' but is not listed so'
FROM {schema}.job AS job
LEFT JOIN {schema}.outcome AS listed ON listed.outcome = job.outcome AND listed.id = job.id
WHERE job.outcome IN (5, 6) AND listed.id IS NULL
UNION ALL
SELECT 'job ' || listed.id || ' is listed as ended with ' || listed.outcome || ' but is not so'
FROM {schema}.outcome AS listed
LEFT JOIN {schema}.job AS job ON job.id = listed.id AND job.outcome = listed.outcome
WHERE job.id IS NULL
