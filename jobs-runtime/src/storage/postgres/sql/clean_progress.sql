DELETE FROM {schema}.progress WHERE job = ANY ($1)
