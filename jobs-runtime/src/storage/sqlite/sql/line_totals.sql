SELECT queue.name, kind.name, total.state, total.n
FROM jobs_total AS total
JOIN jobs_kind AS kind ON kind.id = total.kind
JOIN jobs_queue AS queue ON queue.id = total.queue
WHERE total.n <> 0
ORDER BY queue.name, kind.name, total.state
