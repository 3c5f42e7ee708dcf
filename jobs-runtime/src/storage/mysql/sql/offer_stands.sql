-- Whether jobs that are being stored may be claimed at once: ?1 the server, ?2 the time, ?3 the server's name in pauses, ?4 the queues
-- and ?5 the kinds of the jobs.
SELECT 1
FROM (SELECT 1) AS one
WHERE (SELECT COUNT(*) FROM jobs_server WHERE id = ?1 AND lease_until > ?2) > 0
    AND (SELECT COUNT(*) FROM jobs_pause
         WHERE (what = 0 AND JSON_CONTAINS(?4, CAST(number AS CHAR)) OR what = 1 AND JSON_CONTAINS(?5, CAST(number AS CHAR))
                OR what = 3 AND target = ?3)
             AND (until IS NULL OR until > ?2)) = 0
    AND (SELECT COUNT(*)
         FROM JSON_TABLE(?4, '$[*]' COLUMNS (queue BIGINT PATH '$')) AS asked
         WHERE (SELECT 1 FROM jobs_ready AS ready FORCE INDEX (PRIMARY)
                WHERE ready.suspect IN (0, 1) AND ready.queue = asked.queue LIMIT 1) = 1) = 0
