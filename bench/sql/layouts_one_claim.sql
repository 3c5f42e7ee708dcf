UPDATE job SET state = 1, fence = ?4, started_at = ?4, attempt = attempt + 1
WHERE {key} IN (
    SELECT {key} FROM job
    WHERE state = 0 AND queue = ?1 AND kind IN (SELECT value FROM json_each(?2))
    ORDER BY priority DESC, {key}
    LIMIT ?3
)
RETURNING {key}, kind, payload, attempt, max_attempts, timeout, meta
