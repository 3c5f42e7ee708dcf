INSERT INTO jobs_expiry (at, id) VALUES {rows} ON CONFLICT DO NOTHING
