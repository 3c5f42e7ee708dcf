-- The rows that a state lives in are locked, so that they are seen as they are, not as a transaction of the application's saw them
-- first. Looking for one that is not there may keep others from being inserted beside it: so that one in which a miss
-- hinders nobody comes first, then the likely ones; and the second row of `asked` keeps the planner from taking the job for a constant and looking for all of them at once.
-- A batch never takes back what it has let go, so that its row, which every member's end needs, is locked only where it seems to hold
-- the job back; at once for writing, as whoever deletes the job must count it there.
SELECT
    CAST(CASE
        WHEN job.outcome IS NOT NULL THEN job.outcome
        WHEN (SELECT COUNT(*) FROM jobs_claim AS claim
              WHERE claim.fence > job.fence AND LOCATE(LOWER(HEX(job.id)), claim.ids) > 0) > 0 THEN 3
        WHEN job.flow & 2 <> 0
            AND (SELECT COUNT(*) FROM jobs_edge AS e WHERE e.child = job.id AND e.open = 1 LOCK IN SHARE MODE) > 0 THEN 1
        WHEN job.batch IS NOT NULL AND job.flow & 16 = 0
            AND (SELECT COUNT(*) FROM jobs_batch AS b WHERE b.id = job.batch AND b.moved < job.id) > 0
            AND (SELECT COUNT(*) FROM jobs_batch AS b WHERE b.id = job.batch AND b.moved < job.id FOR UPDATE) > 0 THEN 1
        WHEN (SELECT COUNT(*) FROM jobs_parked AS p
              WHERE p.kind = job.kind AND p.queue = job.queue AND p.turn = 0 - job.priority AND p.id = job.id
              LOCK IN SHARE MODE) > 0 THEN 7
        WHEN job.due_at > TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6))
            AND (SELECT COUNT(*) FROM jobs_scheduled AS s
                 WHERE s.due_at = job.due_at AND s.id = job.id LOCK IN SHARE MODE) > 0 THEN 0
        WHEN (SELECT COUNT(*) FROM jobs_ready AS r
              WHERE r.suspect = IF(job.crashes > 0, 1, 0) AND r.queue = job.queue AND r.turn = 0 - job.priority AND r.id = job.id
              LOCK IN SHARE MODE) > 0 THEN 2
        WHEN job.due_at > job.created_at
            AND (SELECT COUNT(*) FROM jobs_scheduled AS s
                 WHERE s.due_at = job.due_at AND s.id = job.id LOCK IN SHARE MODE) > 0 THEN 0
        ELSE 3
    END AS SIGNED),
    job.kind, job.queue, job.priority, job.due_at, job.attempt, job.max_attempts, job.retain, job.crashes,
    IF(job.outcome IS NULL, (SELECT MAX(claim.fence) FROM jobs_claim AS claim
                             WHERE claim.fence > job.fence AND LOCATE(LOWER(HEX(job.id)), claim.ids) > 0), NULL),
    job.leaving, job.fence, job.batch, job.flow
FROM (SELECT CAST(?1 AS BINARY(16)) AS id UNION ALL SELECT NULL) AS asked
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = asked.id
LOCK IN SHARE MODE
