DELETE FROM {schema}.event WHERE job = ANY ($1)
