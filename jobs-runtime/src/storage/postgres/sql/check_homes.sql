WITH home (id, name) AS (
    SELECT id, 'ready' FROM {schema}.ready
    UNION ALL SELECT id, 'scheduled' FROM {schema}.scheduled
    UNION ALL SELECT id, 'parked' FROM {schema}.parked
    UNION ALL SELECT id, 'awaiting' FROM (
        SELECT child AS id FROM {schema}.edge WHERE open = 1 AND child_batch = 0
        UNION
        SELECT id FROM {schema}.held
    ) AS waiting
    UNION ALL SELECT id, 'claim ' || fence FROM {schema}.live
), counted (id, n, names) AS (
    SELECT id, count(*), string_agg(name, ', ') FROM home GROUP BY id
)
SELECT 'job ' || job.id || ' is not final and lives in ' || coalesce(counted.n, 0) || ' places: '
    || coalesce(counted.names, 'none')
FROM {schema}.job AS job LEFT JOIN counted ON counted.id = job.id
WHERE job.outcome IS NULL AND coalesce(counted.n, 0) <> 1
UNION ALL
SELECT 'job ' || job.id || ' is final and lives in ' || counted.names
FROM {schema}.job AS job JOIN counted ON counted.id = job.id
WHERE job.outcome IS NOT NULL
UNION ALL
SELECT 'there is no job ' || counted.id || ', but it lives in ' || counted.names
FROM counted LEFT JOIN {schema}.job AS job ON job.id = counted.id
WHERE job.id IS NULL
