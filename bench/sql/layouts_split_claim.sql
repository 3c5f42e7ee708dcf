SELECT job FROM ready
WHERE queue = ?1 AND kind IN (SELECT value FROM json_each(?2))
ORDER BY priority DESC, job
LIMIT ?3
