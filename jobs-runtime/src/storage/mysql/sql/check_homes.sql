WITH home (id, name) AS (
    SELECT id, 'ready' FROM jobs_ready
    UNION ALL SELECT id, 'scheduled' FROM jobs_scheduled
    UNION ALL SELECT id, 'parked' FROM jobs_parked
    UNION ALL SELECT id, 'awaiting' FROM (
        SELECT child AS id FROM jobs_edge WHERE open = 1 AND child_batch = 0
        UNION
        SELECT id FROM jobs_held
    ) AS waiting
    UNION ALL SELECT id, CONCAT('claim ', fence) FROM jobs_live
), counted (id, n, names) AS (
    SELECT id, COUNT(*), GROUP_CONCAT(name SEPARATOR ', ') FROM home GROUP BY id
)
SELECT CONCAT('job ', LOWER(HEX(job.id)), ' is not final and lives in ', COALESCE(counted.n, 0), ' places: ',
    COALESCE(counted.names, 'none'))
FROM jobs_job AS job LEFT JOIN counted ON counted.id = job.id
WHERE job.outcome IS NULL AND COALESCE(counted.n, 0) <> 1
UNION ALL
SELECT CONCAT('job ', LOWER(HEX(job.id)), ' is final and lives in ', counted.names)
FROM jobs_job AS job JOIN counted ON counted.id = job.id
WHERE job.outcome IS NOT NULL
UNION ALL
SELECT CONCAT('there is no job ', LOWER(HEX(counted.id)), ', but it lives in ', counted.names)
FROM counted LEFT JOIN jobs_job AS job ON job.id = counted.id
WHERE job.id IS NULL
