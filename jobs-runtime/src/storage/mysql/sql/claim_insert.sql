INSERT INTO jobs_claim (server, claimed_at, suspect, n_left, ids) VALUES (?1, ?2, ?3, ?4, ?5)
