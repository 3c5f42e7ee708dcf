SELECT id, batch FROM {schema}.job WHERE batch IS NOT NULL AND id = ANY ($1)
