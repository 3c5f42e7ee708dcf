SELECT queue.name, kind.name, CASE job.state WHEN 7 THEN 2 ELSE job.state END AS state, count(*)
FROM {schema}.state AS job
JOIN {schema}.kind AS kind ON kind.id = job.kind
JOIN {schema}.queue AS queue ON queue.id = job.queue
GROUP BY queue.name, kind.name, 3
ORDER BY queue.name COLLATE "C", kind.name COLLATE "C", 3
