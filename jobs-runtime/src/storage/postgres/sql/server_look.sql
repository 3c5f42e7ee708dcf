-- What there is to do for a server, from a few probes of indexes. $1 the server, $2 its name in pauses, $3 the shift of the clock,
-- $4 the names of its queues, $5 the recurring jobs of its code.
WITH moment AS MATERIALIZED (
    SELECT clock_timestamp() + $3 * interval '1 microsecond' AS at
)
SELECT moment.at,
    coalesce((SELECT stop FROM {schema}.server WHERE id = $1), 0),
    (SELECT workers FROM {schema}.server WHERE id = $1),
    NOT EXISTS (SELECT 1 FROM {schema}.pause WHERE what = 3 AND target = $2 AND (until IS NULL OR until > moment.at))
        AND EXISTS (
            SELECT 1 FROM {schema}.queue AS queue
            -- One probe a queue, whatever the planner believes of the table.
            WHERE queue.name = ANY ($4) AND (SELECT true FROM {schema}.ready AS ready WHERE ready.queue = queue.id LIMIT 1)
                AND NOT EXISTS (SELECT 1 FROM {schema}.pause
                                WHERE what = 0 AND number = queue.id AND (until IS NULL OR until > moment.at))),
    (SELECT min(due_at) FROM {schema}.scheduled),
    (SELECT next_at FROM {schema}.recurring
     WHERE next_at IS NOT NULL AND (owner = 1 OR id = ANY ($5)) ORDER BY next_at LIMIT 1),
    (SELECT min(at) FROM {schema}.step),
    EXISTS (
        SELECT 1
        FROM (SELECT queue, kind, state, n FROM {schema}.total WHERE state IN (2, 7)
              UNION ALL SELECT queue, kind, state, n FROM {schema}.total_delta WHERE state IN (2, 7)) AS part
        GROUP BY part.queue, part.kind, part.state
        HAVING sum(part.n) > 0 AND (part.state = 2) <> (
            NOT EXISTS (SELECT 1 FROM {schema}.pause
                        WHERE what = 1 AND number = part.kind AND (until IS NULL OR until > moment.at))
            AND EXISTS (
                SELECT 1
                FROM {schema}.kind AS kind, {schema}.server AS server, json_array_elements_text(server.kinds::json) AS own (name)
                WHERE kind.id = part.kind AND server.lease_until > moment.at AND own.name = kind.name))),
    EXISTS (
        SELECT 1 FROM {schema}.claim AS claim
        WHERE NOT EXISTS (SELECT 1 FROM {schema}.server WHERE id = claim.server AND lease_until > moment.at)),
    EXISTS (SELECT 1 FROM {schema}.pause WHERE until <= moment.at)
        OR EXISTS (
            SELECT 1 FROM {schema}.server AS server
            WHERE server.lease_until <= moment.at
                AND NOT EXISTS (SELECT 1 FROM {schema}.claim AS claim WHERE claim.server = server.id)),
    EXISTS (SELECT 1 FROM {schema}.claim WHERE server = $1),
    EXISTS (SELECT 1 FROM {schema}.total_delta) OR EXISTS (SELECT 1 FROM {schema}.stat_delta)
        OR EXISTS (SELECT 1 FROM {schema}.error_note),
    EXISTS (SELECT 1 FROM {schema}.operation WHERE state = 0)
FROM moment
