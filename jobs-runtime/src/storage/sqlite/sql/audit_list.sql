SELECT n, at, actor, via, act, noun, target, queue, reason, outcome, detail
FROM jobs_audit
WHERE n < ?1
ORDER BY n DESC
LIMIT ?6
