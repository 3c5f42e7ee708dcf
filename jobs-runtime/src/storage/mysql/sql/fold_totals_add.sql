INSERT INTO jobs_total (queue, kind, state, n) VALUES {rows} ON DUPLICATE KEY UPDATE n = n + VALUES(n)
