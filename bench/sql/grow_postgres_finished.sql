-- Jobs that have succeeded a while ago, the rows {from} to {to}.
INSERT INTO jobs.job (id, kind, queue, priority, payload, created_at, due_at, max_attempts, on_exhausted, fence, outcome, attempt,
    started_at, finished_at)
SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - 1800000 + n / 10000), 12, '0') || '7000'
        || '8' || lpad(to_hex(n), 15, '0'))::uuid,
    1, 1, 0, convert_to(repeat('x', 110), 'UTF8'), now(), now(), 20, 0, 0, 4, 1, now(), now()
FROM generate_series({from}::bigint, {to}::bigint) AS n;
INSERT INTO jobs.total_delta (queue, kind, state, n) VALUES (1, 1, 4, {to} - {from} + 1)
