SELECT at, job FROM {schema}.occurrence WHERE recurring = $1 ORDER BY at DESC LIMIT $2
