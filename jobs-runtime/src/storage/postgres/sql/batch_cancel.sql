UPDATE {schema}.batch SET cancelled = true, reason = $2 WHERE id = $1
