SELECT id FROM {schema}.job WHERE id = ANY ($1)
