SELECT id, name FROM {schema}.kind
