SELECT child, parent, parent_batch, condition, open, outcome FROM {schema}.edge WHERE child = ANY ($1) ORDER BY child, position
