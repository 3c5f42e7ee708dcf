INSERT INTO jobs_migration (version, name, applied_at) VALUES (?1, ?2, ?3) ON DUPLICATE KEY UPDATE name = VALUES(name)
