DELETE FROM {schema}.step WHERE at = $1 AND batch = $2
