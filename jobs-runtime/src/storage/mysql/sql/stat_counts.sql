-- 7 and 8 are waits and runs.
SELECT counted.start, queue.name, kind.name, counted.measure, 0, counted.n
FROM (
    SELECT CAST(stat.at - stat.at % ?3 AS SIGNED) AS start, stat.queue, stat.kind, stat.measure, CAST(SUM(stat.n) AS SIGNED) AS n
    FROM (
        SELECT at, queue, kind, measure, n FROM jobs_stat WHERE grain IN (0, 1, 2) AND grain <= ?1 AND at >= ?2 AND measure < 7
        UNION ALL SELECT at, queue, kind, measure, n FROM jobs_stat_delta WHERE grain IN (0, 1, 2) AND grain <= ?1 AND at >= ?2 AND measure < 7
    ) AS stat
    GROUP BY 1, 2, 3, 4
) AS counted
JOIN jobs_kind AS kind ON kind.id = counted.kind
JOIN jobs_queue AS queue ON queue.id = counted.queue
