INSERT INTO jobs_claim (server, claimed_at, suspect, n_left, ids) VALUES {rows}
