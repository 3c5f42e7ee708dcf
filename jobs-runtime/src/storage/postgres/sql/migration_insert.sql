INSERT INTO {schema}.migration (version, name, applied_at) VALUES ($1, $2, clock_timestamp())
