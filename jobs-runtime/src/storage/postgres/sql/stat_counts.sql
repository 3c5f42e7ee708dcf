-- The number stands here and is no parameter, as the index wants it: 7 and 8 are waits and runs.
SELECT counted.start, queue.name, kind.name, counted.measure, 0::smallint, counted.n
FROM (
    SELECT stat.at - stat.at % $3 AS start, stat.queue, stat.kind, stat.measure, sum(stat.n)::bigint AS n
    FROM (SELECT at, queue, kind, measure, n FROM {schema}.stat WHERE grain IN (0, 1, 2) AND grain <= $1 AND at >= $2 AND measure < 7
          UNION ALL
          SELECT at, queue, kind, measure, n FROM {schema}.stat_delta WHERE grain IN (0, 1, 2) AND grain <= $1 AND at >= $2 AND measure < 7) AS stat
    GROUP BY start, stat.queue, stat.kind, stat.measure
) AS counted
JOIN {schema}.kind AS kind ON kind.id = counted.kind
JOIN {schema}.queue AS queue ON queue.id = counted.queue
