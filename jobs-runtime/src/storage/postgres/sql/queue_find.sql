SELECT id FROM {schema}.queue WHERE name = $1
