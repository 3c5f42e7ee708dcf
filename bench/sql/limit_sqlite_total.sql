INSERT INTO jobs_total (queue, kind, state, n) VALUES {rows}
ON CONFLICT (queue, kind, state) DO UPDATE SET n = n + excluded.n
