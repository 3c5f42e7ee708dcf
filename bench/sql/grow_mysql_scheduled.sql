-- Jobs that are due tomorrow, the rows {from} to {to}.
SET @now = CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED);
INSERT INTO jobs_job (id, kind, queue, priority, payload, created_at, due_at, max_attempts, on_exhausted)
SELECT UNHEX(CONCAT(LPAD(HEX(@now DIV 1000 - 1800000 + seq DIV 10000), 12, '0'), '70008', LPAD(HEX(seq), 15, '0'))), 1, 1, 0,
    REPEAT('x', 110), @now, @now + 86400000000, 20, 0
FROM seq_{from}_to_{to};
INSERT INTO jobs_scheduled (due_at, id)
SELECT @now + 86400000000,
    UNHEX(CONCAT(LPAD(HEX(@now DIV 1000 - 1800000 + seq DIV 10000), 12, '0'), '70008', LPAD(HEX(seq), 15, '0')))
FROM seq_{from}_to_{to};
INSERT INTO jobs_total_delta (queue, kind, state, n) VALUES (1, 1, 0, {to} - {from} + 1)
