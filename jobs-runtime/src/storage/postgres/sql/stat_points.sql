SELECT stat.at - stat.at % $3 AS start, queue.name, kind.name, stat.measure, stat.bucket, sum(stat.n)::bigint
FROM (SELECT at, queue, kind, measure, bucket, n FROM {schema}.stat WHERE grain IN (0, 1, 2) AND grain <= $1 AND at >= $2
      UNION ALL
      SELECT at, queue, kind, measure, bucket, n FROM {schema}.stat_delta WHERE grain IN (0, 1, 2) AND grain <= $1 AND at >= $2) AS stat
JOIN {schema}.kind AS kind ON kind.id = stat.kind
JOIN {schema}.queue AS queue ON queue.id = stat.queue
GROUP BY start, queue.name, kind.name, stat.measure, stat.bucket
ORDER BY start, queue.name COLLATE "C", kind.name COLLATE "C", stat.measure, stat.bucket
