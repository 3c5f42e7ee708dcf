SELECT priority, id FROM {schema}.ready WHERE queue = $1 AND kind = $2 LIMIT $3 FOR UPDATE SKIP LOCKED
