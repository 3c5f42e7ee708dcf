(SELECT id FROM {schema}.job WHERE id = $5)
