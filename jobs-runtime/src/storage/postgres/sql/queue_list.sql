SELECT id, name FROM {schema}.queue
