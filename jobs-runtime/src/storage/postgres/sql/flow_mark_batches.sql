UPDATE {schema}.batch SET flow = flow | 1 WHERE id = ANY ($1)
