SELECT n, at, actor, via, act, noun, target, queue, reason, outcome, detail
FROM jobs_audit
WHERE noun = ?4 AND target = ?5 AND n < ?1 AND (?2 IS NULL OR actor = ?2) AND (?3 IS NULL OR act = ?3)
ORDER BY n DESC
LIMIT ?6
