SELECT id FROM {schema}.batch WHERE parent = ANY ($1) ORDER BY id
