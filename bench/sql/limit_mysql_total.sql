INSERT INTO jobs_total_delta (queue, kind, state, n) VALUES {rows}
