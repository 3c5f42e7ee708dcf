INSERT INTO jobs_position (walk, id) VALUES (?1, ?2) ON DUPLICATE KEY UPDATE id = VALUES(id)
