-- What a busy application leaves in a week, the rows {from} to {to} of {all}: see pages_postgres.sql.
BEGIN IMMEDIATE;
CREATE TEMP TABLE part AS
WITH RECURSIVE number (n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM number WHERE n < {to}),
moment (n, at) AS (SELECT n, CAST((unixepoch() - 604800 * (1 - n / {all}.0)) * 1000000 AS INTEGER) FROM number)
SELECT moment.n AS n, unhex(printf('%012x70008%015x', moment.at / 1000, moment.n)) AS id, moment.at AS at,
    CASE WHEN moment.n % 100 < 92 THEN 4 WHEN moment.n % 100 < 95 THEN 5 WHEN moment.n % 100 < 96 THEN 6 WHEN moment.n % 100 < 98 THEN 0 ELSE 2 END
        AS state,
    sample.kind AS kind, sample.queue AS queue, sample.payload AS payload
FROM moment JOIN bench_sample AS sample ON sample.n = moment.n / 7 % 16;

INSERT INTO jobs_job (id, kind, queue, priority, payload, created_at, due_at, max_attempts, on_exhausted, fence, outcome, attempt, started_at,
    finished_at, reason)
SELECT id, kind, queue, 0, payload, at, CASE state WHEN 0 THEN (unixepoch() + 86400 * (1 + n % 30)) * 1000000 ELSE at END, 10, 0, 0,
    CASE WHEN state >= 4 THEN state END, CASE WHEN state IN (4, 5) THEN 1 ELSE 0 END,
    CASE WHEN state IN (4, 5) THEN at + 1000000 END, CASE WHEN state >= 4 THEN at + 2000000 END,
    CASE state WHEN 5 THEN 'partner ' || n % 40 || ' answers: 503 Service Unavailable' WHEN 6 THEN 'not wanted' END
FROM part;
INSERT INTO jobs_outcome (outcome, id, kind, queue, at) SELECT state, id, kind, queue, at FROM part WHERE state IN (5, 6);
INSERT INTO jobs_scheduled (due_at, id) SELECT (unixepoch() + 86400 * (1 + n % 30)) * 1000000, id FROM part WHERE state = 0;
INSERT INTO jobs_ready (queue, priority, id, kind, once, suspect) SELECT queue, 0, id, kind, 0, 0 FROM part WHERE state = 2;
INSERT INTO jobs_total (queue, kind, state, n) SELECT queue, kind, state, count(*) FROM part GROUP BY queue, kind, state
ON CONFLICT (queue, kind, state) DO UPDATE SET n = n + excluded.n;
DROP TABLE part;
COMMIT
