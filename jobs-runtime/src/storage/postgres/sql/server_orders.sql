SELECT stop, workers FROM {schema}.server WHERE id = $1
