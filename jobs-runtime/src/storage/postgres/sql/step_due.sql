SELECT at, batch FROM {schema}.step WHERE at <= $1 ORDER BY at, batch LIMIT 1 FOR UPDATE SKIP LOCKED
