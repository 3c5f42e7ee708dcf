INSERT INTO jobs_queue (name) VALUES (?1) ON DUPLICATE KEY UPDATE name = VALUES(name)
