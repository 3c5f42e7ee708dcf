INSERT INTO jobs_progress (job, fraction, text) VALUES {rows}
ON DUPLICATE KEY UPDATE fraction = VALUES(fraction), text = VALUES(text)
