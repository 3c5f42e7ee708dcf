SELECT id FROM {schema}.batch WHERE parent = $1 ORDER BY id
