SELECT queue, kind, state
FROM (SELECT queue, kind, state, n FROM {schema}.total WHERE state IN (2, 7)
      UNION ALL SELECT queue, kind, state, n FROM {schema}.total_delta WHERE state IN (2, 7)) AS part
GROUP BY queue, kind, state
HAVING sum(n) > 0
