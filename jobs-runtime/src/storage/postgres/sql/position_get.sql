SELECT id FROM {schema}.position WHERE walk = $1 FOR UPDATE
