SELECT summed.since, queue.name, kind.name, summed.measure, summed.bucket, summed.n
FROM (
    SELECT CAST(?2 AS SIGNED) AS since, stat.queue, stat.kind, stat.measure, stat.bucket, CAST(SUM(stat.n) AS SIGNED) AS n
    FROM (
        SELECT queue, kind, measure, bucket, n FROM jobs_stat WHERE grain IN (0, 1, 2) AND grain <= ?1 AND at >= ?2
        UNION ALL SELECT queue, kind, measure, bucket, n FROM jobs_stat_delta WHERE grain IN (0, 1, 2) AND grain <= ?1 AND at >= ?2
    ) AS stat
    GROUP BY 2, 3, 4, 5
) AS summed
JOIN jobs_kind AS kind ON kind.id = summed.kind
JOIN jobs_queue AS queue ON queue.id = summed.queue
