SELECT queue.name, kind.name, CASE job.state WHEN 7 THEN 2 ELSE job.state END AS state, count(*)
FROM jobs_state AS job
JOIN jobs_kind AS kind ON kind.id = job.kind
JOIN jobs_queue AS queue ON queue.id = job.queue
GROUP BY queue.name, kind.name, 3
ORDER BY queue.name, kind.name, 3
