SELECT ?3,
    coalesce((SELECT stop FROM jobs_server WHERE id = ?1), 0),
    (SELECT workers FROM jobs_server WHERE id = ?1),
    NOT EXISTS (SELECT 1 FROM jobs_pause WHERE what = 3 AND target = ?2 AND (until IS NULL OR until > ?3))
        AND EXISTS (
            SELECT 1 FROM json_each(?4) AS asked
            JOIN jobs_queue AS queue ON queue.name = asked.value
            WHERE EXISTS (SELECT 1 FROM jobs_ready AS ready WHERE ready.queue = queue.id)
                AND NOT EXISTS (SELECT 1 FROM jobs_pause
                                WHERE what = 0 AND number = queue.id AND (until IS NULL OR until > ?3))),
    (SELECT min(due_at) FROM jobs_scheduled),
    (SELECT min(next_at) FROM jobs_recurring
     WHERE next_at IS NOT NULL AND (owner = 1 OR id IN (SELECT value FROM json_each(?5)))),
    (SELECT min(at) FROM jobs_step),
    EXISTS (
        SELECT 1 FROM jobs_total AS total
        WHERE total.state IN (2, 7) AND total.n > 0 AND (total.state = 2) <> (
            total.kind NOT IN (SELECT number FROM jobs_pause WHERE what = 1 AND (until IS NULL OR until > ?3))
            AND EXISTS (
                SELECT 1 FROM jobs_kind AS kind, jobs_server AS server, json_each(server.kinds) AS own
                WHERE kind.id = total.kind AND server.lease_until > ?3 AND own.value = kind.name))),
    EXISTS (
        SELECT 1 FROM jobs_claim AS claim
        WHERE NOT EXISTS (SELECT 1 FROM jobs_server WHERE id = claim.server AND lease_until > ?3)),
    EXISTS (SELECT 1 FROM jobs_pause WHERE until <= ?3)
        OR EXISTS (
            SELECT 1 FROM jobs_server AS server
            WHERE server.lease_until <= ?3 AND NOT EXISTS (SELECT 1 FROM jobs_claim AS claim WHERE claim.server = server.id)),
    EXISTS (SELECT 1 FROM jobs_claim WHERE server = ?1),
    EXISTS (SELECT 1 FROM jobs_error_note),
    EXISTS (SELECT 1 FROM jobs_operation WHERE state = 0)
