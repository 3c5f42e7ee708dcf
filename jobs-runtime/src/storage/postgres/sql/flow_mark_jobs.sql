UPDATE {schema}.job SET flow = flow | 1 WHERE id = ANY ($1)
