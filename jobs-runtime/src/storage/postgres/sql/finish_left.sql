UPDATE {schema}.job SET leaving = 0 WHERE leaving = 1 AND id = ANY ($1)
