INSERT INTO {schema}.queue (name) VALUES ($1) ON CONFLICT (name) DO NOTHING
