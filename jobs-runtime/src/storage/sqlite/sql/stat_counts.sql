-- The number stands here and is no parameter, as the index wants it: 7 and 8 are waits and runs.
SELECT counted.start, queue.name, kind.name, counted.measure, 0, counted.n
FROM (
    SELECT at - at % ?3 AS start, queue, kind, measure, sum(n) AS n
    FROM jobs_stat
    WHERE grain IN (0, 1, 2) AND grain <= ?1 AND at >= ?2 AND measure < 7
    GROUP BY start, queue, kind, measure
) AS counted
JOIN jobs_kind AS kind ON kind.id = counted.kind
JOIN jobs_queue AS queue ON queue.id = counted.queue
