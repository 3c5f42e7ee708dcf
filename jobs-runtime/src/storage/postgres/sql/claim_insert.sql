INSERT INTO {schema}.claim (server, claimed_at, suspect, n_left, ids) VALUES ($1, $2, $3, $4, $5) RETURNING fence
