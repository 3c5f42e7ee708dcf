INSERT INTO {schema}.position (walk, id) VALUES ($1, $2) ON CONFLICT (walk) DO UPDATE SET id = excluded.id
