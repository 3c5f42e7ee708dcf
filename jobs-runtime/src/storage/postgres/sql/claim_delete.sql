DELETE FROM {schema}.claim WHERE fence = $1
