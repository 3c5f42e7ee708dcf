INSERT INTO jobs_outcome (outcome, id, kind, queue, at) VALUES {rows} ON DUPLICATE KEY UPDATE at = VALUES(at)
