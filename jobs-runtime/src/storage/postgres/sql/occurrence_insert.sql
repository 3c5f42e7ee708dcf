INSERT INTO {schema}.occurrence (recurring, at, job) VALUES ($1, $2, $3) ON CONFLICT (recurring, at) DO NOTHING
