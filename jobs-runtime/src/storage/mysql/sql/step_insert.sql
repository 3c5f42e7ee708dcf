INSERT INTO jobs_step (at, batch) VALUES {rows} ON DUPLICATE KEY UPDATE batch = VALUES(batch)
