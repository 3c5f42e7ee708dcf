UPDATE {schema}.batch SET sealed = 1 WHERE id = $1
