SELECT queue.name, kind.name, CAST(IF(job.state = 7, 2, job.state) AS SIGNED), COUNT(*)
FROM jobs_state AS job
JOIN jobs_kind AS kind ON kind.id = job.kind
JOIN jobs_queue AS queue ON queue.id = job.queue
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
