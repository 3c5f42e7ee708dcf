SELECT stat.at - stat.at % ?3 AS start, queue.name, kind.name, stat.measure, stat.bucket, sum(stat.n)
FROM jobs_stat AS stat
JOIN jobs_kind AS kind ON kind.id = stat.kind
JOIN jobs_queue AS queue ON queue.id = stat.queue
WHERE stat.grain IN (0, 1, 2) AND stat.grain <= ?1 AND stat.at >= ?2
GROUP BY start, queue.name, kind.name, stat.measure, stat.bucket
ORDER BY start, queue.name, kind.name, stat.measure, stat.bucket
