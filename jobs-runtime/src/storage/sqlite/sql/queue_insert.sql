INSERT INTO jobs_queue (name) VALUES (?1) ON CONFLICT (name) DO NOTHING
