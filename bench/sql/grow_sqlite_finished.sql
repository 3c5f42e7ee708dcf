-- Jobs that have succeeded a while ago, the rows {from} to {to}.
BEGIN IMMEDIATE;
WITH RECURSIVE number (n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM number WHERE n < {to})
INSERT INTO jobs_job (id, kind, queue, priority, payload, created_at, due_at, max_attempts, on_exhausted, fence, outcome, attempt,
    started_at, finished_at)
SELECT unhex(printf('%012x70008%015x', unixepoch() * 1000 - 1800000 + n / 10000, n)), 1, 1, 0,
    CAST(printf('%.110c', 'x') AS BLOB), unixepoch() * 1000000, unixepoch() * 1000000, 20, 0, 0, 4, 1, unixepoch() * 1000000,
    unixepoch() * 1000000
FROM number;
INSERT INTO jobs_total (queue, kind, state, n) VALUES (1, 1, 4, {to} - {from} + 1)
ON CONFLICT (queue, kind, state) DO UPDATE SET n = n + excluded.n;
COMMIT
