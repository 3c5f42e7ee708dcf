-- Assignments are made from left to right, so that the time comes last.
INSERT INTO jobs_error (id, kind, n, first_at, last_at, last_job, title, sample) VALUES {rows}
ON DUPLICATE KEY UPDATE
    n = n + VALUES(n),
    first_at = LEAST(first_at, VALUES(first_at)),
    last_job = IF(VALUES(last_at) >= last_at, VALUES(last_job), last_job),
    sample = IF(VALUES(last_at) >= last_at, VALUES(sample), sample),
    last_at = GREATEST(last_at, VALUES(last_at))
