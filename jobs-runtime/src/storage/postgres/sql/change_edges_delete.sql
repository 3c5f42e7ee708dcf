DELETE FROM {schema}.edge WHERE child = $1
