SELECT at, id FROM {schema}.expiry WHERE at <= $1 ORDER BY at, id LIMIT $2 FOR UPDATE SKIP LOCKED
