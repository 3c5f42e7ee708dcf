-- What there is to do for a server, from a few probes of indexes. ?1 the server, ?2 its name in pauses, ?3 the shift of the clock,
-- ?4 the names of its queues, ?5 the recurring jobs of its code. Subqueries that count, or have a limit, are carried out as they are written.
SELECT moment.at,
    COALESCE((SELECT stop FROM jobs_server WHERE id = ?1), 0),
    (SELECT workers FROM jobs_server WHERE id = ?1),
    (SELECT COUNT(*) FROM jobs_pause WHERE what = 3 AND target = ?2 AND (until IS NULL OR until > moment.at)) = 0
        AND (SELECT COUNT(*)
             FROM JSON_TABLE(?4, '$[*]' COLUMNS (name VARCHAR(1000) CHARACTER SET utf8mb4 PATH '$')) AS asked
             STRAIGHT_JOIN jobs_queue AS queue ON queue.name = CAST(asked.name AS BINARY)
             WHERE COALESCE(
                     (SELECT 1 FROM jobs_ready AS ready FORCE INDEX (PRIMARY)
                      WHERE ready.suspect = 0 AND ready.queue = queue.id LIMIT 1),
                     (SELECT 1 FROM jobs_ready AS ready FORCE INDEX (PRIMARY)
                      WHERE ready.suspect = 1 AND ready.queue = queue.id LIMIT 1),
                     0) = 1
                 AND (SELECT COUNT(*) FROM jobs_pause
                      WHERE what = 0 AND number = queue.id AND (until IS NULL OR until > moment.at)) = 0) > 0,
    (SELECT MIN(due_at) FROM jobs_scheduled),
    (SELECT MIN(recurring.next_at) FROM jobs_recurring AS recurring
     WHERE recurring.owner = 1 OR EXISTS (
         SELECT 1
         FROM JSON_TABLE(?5, '$[*]' COLUMNS (id VARCHAR(1000) CHARACTER SET utf8mb4 PATH '$')) AS own
         WHERE CAST(own.id AS BINARY) = recurring.id)),
    (SELECT MIN(at) FROM jobs_step),
    (SELECT COUNT(*)
     FROM (
         SELECT part.kind, part.state
         FROM (
             SELECT queue, kind, state, n FROM jobs_total WHERE state IN (2, 7)
             UNION ALL SELECT queue, kind, state, n FROM jobs_total_delta WHERE state IN (2, 7)
         ) AS part
         GROUP BY part.queue, part.kind, part.state
         HAVING SUM(part.n) > 0
     ) AS line
     WHERE (line.state = 2) <> (
         (SELECT COUNT(*) FROM jobs_pause
          WHERE what = 1 AND number = line.kind AND (until IS NULL OR until > moment.at)) = 0
         AND (SELECT COUNT(*)
              FROM jobs_kind AS kind
              STRAIGHT_JOIN jobs_server AS server
              STRAIGHT_JOIN JSON_TABLE(server.kinds, '$[*]' COLUMNS (name VARCHAR(1000) CHARACTER SET utf8mb4 PATH '$')) AS own
              WHERE kind.id = line.kind AND server.lease_until > moment.at AND CAST(own.name AS BINARY) = kind.name) > 0)) > 0,
    (SELECT COUNT(*) FROM jobs_claim AS claim
     WHERE (SELECT COUNT(*) FROM jobs_server WHERE id = claim.server AND lease_until > moment.at) = 0) > 0,
    (SELECT COUNT(*) FROM jobs_pause WHERE until <= moment.at) > 0
        OR (SELECT COUNT(*) FROM jobs_server AS server
            WHERE server.lease_until <= moment.at
                AND (SELECT COUNT(*) FROM jobs_claim AS claim WHERE claim.server = server.id) = 0) > 0,
    (SELECT 1 FROM jobs_claim WHERE server = ?1 LIMIT 1) IS NOT NULL,
    (SELECT 1 FROM jobs_total_delta LIMIT 1) IS NOT NULL OR (SELECT 1 FROM jobs_stat_delta LIMIT 1) IS NOT NULL
        OR (SELECT 1 FROM jobs_error_note LIMIT 1) IS NOT NULL,
    (SELECT 1 FROM jobs_operation FORCE INDEX (state) WHERE state = 0 LIMIT 1) IS NOT NULL
FROM (SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6)) + ?3 AS at) AS moment
