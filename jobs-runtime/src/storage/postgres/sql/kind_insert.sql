INSERT INTO {schema}.kind (name) VALUES ($1) ON CONFLICT (name) DO NOTHING
