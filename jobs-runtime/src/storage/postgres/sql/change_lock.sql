SELECT id FROM {schema}.job WHERE id = $1 FOR UPDATE
