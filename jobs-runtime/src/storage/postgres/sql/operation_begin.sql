INSERT INTO {schema}.operation (id, state, created_at, touched_at, actor, via, reason, version, spec, expected, fence, place)
VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11)
