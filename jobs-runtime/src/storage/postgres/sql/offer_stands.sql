-- Whether jobs that are being stored may be claimed at once: $1 the server, $2 the time, $3 the server's name in pauses, $4 the queues
-- and $5 the kinds of the jobs.
SELECT 1
WHERE EXISTS (SELECT 1 FROM {schema}.server WHERE id = $1 AND lease_until > $2)
    AND NOT EXISTS (SELECT 1 FROM {schema}.pause
                    WHERE (what = 0 AND number = ANY ($4) OR what = 1 AND number = ANY ($5) OR what = 3 AND target = $3)
                        AND (until IS NULL OR until > $2))
    AND NOT EXISTS (SELECT 1 FROM {schema}.ready WHERE queue = ANY ($4))
