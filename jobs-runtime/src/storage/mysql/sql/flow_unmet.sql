-- Every job is known and locked, as in finish_jobs: nothing is inserted.
INSERT INTO jobs_job (id, finished_at, reason, kind, queue, priority, payload, created_at, due_at, max_attempts, on_exhausted)
VALUES {rows: (?, ?, ?, 0, 0, 0, '', 0, 0, 0, 0)}
ON DUPLICATE KEY UPDATE outcome = 6, finished_at = VALUES(finished_at), reason = VALUES(reason)
