SELECT n, at, actor, via, act, noun, target, queue, reason, outcome, detail
FROM {schema}.audit
WHERE act = $3 AND n < $1
ORDER BY n DESC
LIMIT $6
