SELECT parent, parent_batch, condition, outcome, output, reason FROM {schema}.edge WHERE child = $1 ORDER BY position
