SELECT min(next_at) FROM jobs_recurring
WHERE next_at > ?1 AND (owner = 1 OR id IN (SELECT value FROM json_each(?2)))
