INSERT INTO jobs_claim (server, claimed_at, suspect, n_left, ids) VALUES (?1, ?2, 0, ?3, ?4) RETURNING fence
