UPDATE {schema}.batch SET moved = $2 WHERE id = $1
