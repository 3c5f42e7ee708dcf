DELETE FROM {schema}.recurring WHERE id = $1
