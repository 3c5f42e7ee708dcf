SELECT ?2, queue.name, kind.name, summed.measure, summed.bucket, summed.n
FROM (
    SELECT queue, kind, measure, bucket, sum(n) AS n
    FROM jobs_stat
    WHERE grain IN (0, 1, 2) AND grain <= ?1 AND at >= ?2
    GROUP BY queue, kind, measure, bucket
) AS summed
JOIN jobs_kind AS kind ON kind.id = summed.kind
JOIN jobs_queue AS queue ON queue.id = summed.queue
