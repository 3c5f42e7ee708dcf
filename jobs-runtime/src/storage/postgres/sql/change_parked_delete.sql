DELETE FROM {schema}.parked WHERE kind = $1 AND queue = $2 AND priority = $3 AND id = $4
