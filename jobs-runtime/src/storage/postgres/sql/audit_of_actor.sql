SELECT n, at, actor, via, act, noun, target, queue, reason, outcome, detail
FROM {schema}.audit
WHERE actor = $2 AND n < $1 AND ($3 IS NULL OR act = $3)
ORDER BY n DESC
LIMIT $6
