SELECT queue.name, kind.name, total.state, sum(total.n)::bigint
FROM (SELECT queue, kind, state, n FROM {schema}.total
      UNION ALL SELECT queue, kind, state, n FROM {schema}.total_delta) AS total
JOIN {schema}.kind AS kind ON kind.id = total.kind
JOIN {schema}.queue AS queue ON queue.id = total.queue
GROUP BY queue.name, kind.name, total.state
HAVING sum(total.n) <> 0
ORDER BY queue.name COLLATE "C", kind.name COLLATE "C", total.state
