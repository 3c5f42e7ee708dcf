SELECT number FROM {schema}.pause WHERE what = 1 AND (until IS NULL OR until > $1)
