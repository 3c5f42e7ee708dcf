DELETE FROM {schema}.edge WHERE child = ANY ($1)
