SELECT queue, kind, state
FROM (
    SELECT queue, kind, state, n FROM jobs_total WHERE state IN (2, 7)
    UNION ALL SELECT queue, kind, state, n FROM jobs_total_delta WHERE state IN (2, 7)
) AS total
GROUP BY queue, kind, state
HAVING SUM(n) > 0
