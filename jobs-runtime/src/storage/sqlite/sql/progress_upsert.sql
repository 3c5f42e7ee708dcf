INSERT INTO jobs_progress (job, fraction, text) VALUES {rows}
ON CONFLICT (job) DO UPDATE SET fraction = excluded.fraction, text = excluded.text
