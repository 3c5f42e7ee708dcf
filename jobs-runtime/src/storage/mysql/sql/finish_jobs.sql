-- Every job is known and locked, so that nothing is inserted: this is how one statement gives many rows values of their own, with
-- parameters whose types every server knows. What stands for a job's facts is not read.
INSERT INTO jobs_job (id, fence, outcome, attempt, crashes, started_at, finished_at, due_at, reason, output, leaving,
    kind, queue, priority, payload, created_at, max_attempts, on_exhausted)
VALUES {rows: (?, ?, ?, ?, ?, ?, ?, IFNULL(?, -1), ?, ?, ?, 0, 0, 0, '', 0, 0, 0)}
ON DUPLICATE KEY UPDATE
    fence = VALUES(fence),
    outcome = VALUES(outcome),
    attempt = attempt + VALUES(attempt),
    crashes = crashes + VALUES(crashes),
    started_at = COALESCE(VALUES(started_at), started_at),
    finished_at = VALUES(finished_at),
    due_at = IF(VALUES(due_at) = -1, due_at, VALUES(due_at)),
    reason = COALESCE(VALUES(reason), IF(VALUES(outcome) = 4, NULL, reason)),
    output = VALUES(output),
    leaving = VALUES(leaving),
    room = NULL
