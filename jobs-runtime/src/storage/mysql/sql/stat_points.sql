SELECT CAST(stat.at - stat.at % ?3 AS SIGNED), queue.name, kind.name, stat.measure, stat.bucket, CAST(SUM(stat.n) AS SIGNED)
FROM (
    SELECT at, queue, kind, measure, bucket, n FROM jobs_stat WHERE grain IN (0, 1, 2) AND grain <= ?1 AND at >= ?2
    UNION ALL SELECT at, queue, kind, measure, bucket, n FROM jobs_stat_delta WHERE grain IN (0, 1, 2) AND grain <= ?1 AND at >= ?2
) AS stat
JOIN jobs_kind AS kind ON kind.id = stat.kind
JOIN jobs_queue AS queue ON queue.id = stat.queue
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, 3, 4, 5
