INSERT INTO {schema}.edge (parent, child, parent_batch, child_batch, position, condition)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6) AS row (parent, child) ORDER BY row.parent, row.child
ON CONFLICT (parent, child) DO NOTHING
