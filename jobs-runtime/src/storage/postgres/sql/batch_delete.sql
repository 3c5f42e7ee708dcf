DELETE FROM {schema}.batch WHERE id = $1
