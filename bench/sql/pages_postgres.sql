-- What a busy application leaves in a week, the rows {from} to {to} of {all}: of a hundred jobs 92 have succeeded, 3 failed, 1 was deleted, 2 are
-- due some day, and 2 wait to be run; of 4 kinds in 4 queues, whose numbers and payloads are in `bench_sample`.
CREATE TEMP TABLE part ON COMMIT DROP AS
SELECT number.n, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008' || lpad(to_hex(number.n), 15, '0'))::uuid AS id, at,
    CASE WHEN number.n % 100 < 92 THEN 4 WHEN number.n % 100 < 95 THEN 5 WHEN number.n % 100 < 96 THEN 6 WHEN number.n % 100 < 98 THEN 0 ELSE 2 END AS state,
    sample.kind, sample.queue, sample.payload
FROM generate_series({from}::bigint, {to}::bigint) AS number (n)
CROSS JOIN LATERAL (SELECT now() - interval '7 days' * (1 - number.n / {all}::double precision) AS at) AS moment
JOIN bench_sample AS sample ON sample.n = number.n / 7 % 16;

INSERT INTO jobs.job (id, kind, queue, priority, payload, created_at, due_at, max_attempts, on_exhausted, fence, outcome, attempt, started_at,
    finished_at, reason)
SELECT id, kind, queue, 0, payload, at, CASE state WHEN 0 THEN now() + interval '1 day' * (1 + n % 30) ELSE at END, 10, 0, 0,
    CASE WHEN state >= 4 THEN state END, CASE WHEN state IN (4, 5) THEN 1 ELSE 0 END,
    CASE WHEN state IN (4, 5) THEN at + interval '1 second' END, CASE WHEN state >= 4 THEN at + interval '2 seconds' END,
    CASE state WHEN 5 THEN 'partner ' || n % 40 || ' answers: 503 Service Unavailable' WHEN 6 THEN 'not wanted' END
FROM part;
INSERT INTO jobs.outcome (outcome, id, kind, queue, at) SELECT state, id, kind, queue, at FROM part WHERE state IN (5, 6);
INSERT INTO jobs.scheduled (due_at, id) SELECT now() + interval '1 day' * (1 + n % 30), id FROM part WHERE state = 0;
INSERT INTO jobs.ready (queue, kind, priority, id, once, suspect) SELECT queue, kind, 0, id, false, false FROM part WHERE state = 2;
INSERT INTO jobs.total_delta (queue, kind, n, state) SELECT queue, kind, count(*), state FROM part GROUP BY queue, kind, state
