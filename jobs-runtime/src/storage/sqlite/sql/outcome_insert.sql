INSERT INTO jobs_outcome (outcome, id, kind, queue, at) VALUES {rows} ON CONFLICT (outcome, id) DO UPDATE SET at = excluded.at
