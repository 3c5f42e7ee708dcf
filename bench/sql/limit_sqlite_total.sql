INSERT INTO jobs_total (queue, kind, state, n) VALUES (1, 1, ?1, ?2)
ON CONFLICT (queue, kind, state) DO UPDATE SET n = n + excluded.n
