UPDATE {schema}.batch SET started_at = $2 WHERE id = $1
