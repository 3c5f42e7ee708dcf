INSERT INTO jobs_expiry (at, id) VALUES {rows} ON DUPLICATE KEY UPDATE id = VALUES(id)
