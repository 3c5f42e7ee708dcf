SELECT queue.name, kind.name, total.state, CAST(SUM(total.n) AS SIGNED)
FROM (
    SELECT queue, kind, state, n FROM jobs_total
    UNION ALL SELECT queue, kind, state, n FROM jobs_total_delta
) AS total
JOIN jobs_kind AS kind ON kind.id = total.kind
JOIN jobs_queue AS queue ON queue.id = total.queue
GROUP BY queue.name, kind.name, total.state
HAVING SUM(total.n) <> 0
ORDER BY queue.name, kind.name, total.state
