SELECT id FROM {schema}.job WHERE batch = $1 AND id > $2 ORDER BY id LIMIT $3
