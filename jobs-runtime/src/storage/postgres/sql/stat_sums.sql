SELECT $2::bigint, queue.name, kind.name, summed.measure, summed.bucket, summed.n
FROM (
    SELECT stat.queue, stat.kind, stat.measure, stat.bucket, sum(stat.n)::bigint AS n
    FROM (SELECT queue, kind, measure, bucket, n FROM {schema}.stat WHERE grain IN (0, 1, 2) AND grain <= $1 AND at >= $2
          UNION ALL
          SELECT queue, kind, measure, bucket, n FROM {schema}.stat_delta WHERE grain IN (0, 1, 2) AND grain <= $1 AND at >= $2) AS stat
    GROUP BY stat.queue, stat.kind, stat.measure, stat.bucket
) AS summed
JOIN {schema}.kind AS kind ON kind.id = summed.kind
JOIN {schema}.queue AS queue ON queue.id = summed.queue
