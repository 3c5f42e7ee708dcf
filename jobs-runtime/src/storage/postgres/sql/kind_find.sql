SELECT id FROM {schema}.kind WHERE name = $1
