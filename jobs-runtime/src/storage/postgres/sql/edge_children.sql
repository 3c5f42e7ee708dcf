SELECT DISTINCT child, child_batch FROM {schema}.edge WHERE parent = ANY ($1) AND open = 1
