SELECT queue.name, kind.name, CASE total.state WHEN 7 THEN 2 ELSE total.state END AS state, sum(total.n)
FROM jobs_total AS total
JOIN jobs_kind AS kind ON kind.id = total.kind
JOIN jobs_queue AS queue ON queue.id = total.queue
GROUP BY queue.name, kind.name, 3
HAVING sum(total.n) <> 0
ORDER BY queue.name, kind.name, 3
