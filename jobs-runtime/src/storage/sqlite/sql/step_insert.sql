INSERT INTO jobs_step (at, batch) VALUES {rows} ON CONFLICT (at, batch) DO NOTHING
