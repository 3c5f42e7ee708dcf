WITH home (id, name) AS (
    SELECT id, 'ready' FROM jobs_ready
    UNION ALL SELECT id, 'scheduled' FROM jobs_scheduled
    UNION ALL SELECT id, 'parked' FROM jobs_parked
    UNION ALL SELECT id, 'awaiting' FROM (
        SELECT child AS id FROM jobs_edge WHERE open = 1 AND child_batch = 0
        UNION
        SELECT id FROM jobs_held
    )
    UNION ALL SELECT id, 'claim ' || fence FROM jobs_live
), counted (id, n, names) AS (
    SELECT id, count(*), group_concat(name, ', ') FROM home GROUP BY id
)
SELECT 'job ' || lower(hex(job.id)) || ' is not final and lives in ' || coalesce(counted.n, 0) || ' places: '
    || coalesce(counted.names, 'none')
FROM jobs_job AS job LEFT JOIN counted ON counted.id = job.id
WHERE job.outcome IS NULL AND coalesce(counted.n, 0) <> 1
UNION ALL
SELECT 'job ' || lower(hex(job.id)) || ' is final and lives in ' || counted.names
FROM jobs_job AS job JOIN counted ON counted.id = job.id
WHERE job.outcome IS NOT NULL
UNION ALL
SELECT 'there is no job ' || lower(hex(counted.id)) || ', but it lives in ' || counted.names
FROM counted LEFT JOIN jobs_job AS job ON job.id = counted.id
WHERE job.id IS NULL
