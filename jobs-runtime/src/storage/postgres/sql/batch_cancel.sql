UPDATE {schema}.batch SET cancelled = true, reason = $2 WHERE id = ANY ($1)
