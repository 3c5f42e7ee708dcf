SELECT priority, id, kind, once FROM jobs_ready
WHERE queue = ?1 AND suspect = 0 AND kind IN (SELECT value FROM json_each(?2))
ORDER BY priority DESC, id
LIMIT ?3
