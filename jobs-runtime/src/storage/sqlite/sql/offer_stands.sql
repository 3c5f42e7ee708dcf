-- Whether jobs that are being stored may be claimed at once: ?1 the server, ?2 the time, ?3 the server's name in pauses, ?4 the queues
-- and ?5 the kinds of the jobs.
SELECT 1
WHERE EXISTS (SELECT 1 FROM jobs_server WHERE id = ?1 AND lease_until > ?2)
    AND NOT EXISTS (SELECT 1 FROM jobs_pause
                    WHERE (what = 0 AND number IN (SELECT value FROM json_each(?4))
                           OR what = 1 AND number IN (SELECT value FROM json_each(?5))
                           OR what = 3 AND target = ?3)
                        AND (until IS NULL OR until > ?2))
    AND NOT EXISTS (SELECT 1 FROM json_each(?4) AS asked CROSS JOIN jobs_ready AS ready ON ready.queue = asked.value)
