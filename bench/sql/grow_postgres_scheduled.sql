-- Jobs that are due tomorrow, the rows {from} to {to}.
WITH stored AS (
    INSERT INTO jobs.job (id, kind, queue, priority, payload, created_at, due_at, max_attempts, on_exhausted)
    SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - 1800000 + n / 10000), 12, '0') || '7000'
            || '8' || lpad(to_hex(n), 15, '0'))::uuid,
        1, 1, 0, convert_to(repeat('x', 110), 'UTF8'), now(), now() + interval '1 day', 20, 0
    FROM generate_series({from}::bigint, {to}::bigint) AS n
    RETURNING id, due_at
)
INSERT INTO jobs.scheduled (due_at, id) SELECT due_at, id FROM stored;
INSERT INTO jobs.total_delta (queue, kind, state, n) VALUES (1, 1, 0, {to} - {from} + 1)
