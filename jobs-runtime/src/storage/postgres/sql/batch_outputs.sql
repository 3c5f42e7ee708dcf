SELECT id, outcome, output FROM {schema}.job WHERE batch = $1 AND id > $2 AND outcome IS NOT NULL ORDER BY id LIMIT $3
