DELETE FROM {schema}.claim WHERE n_left <= 0 AND fence = ANY ($1)
