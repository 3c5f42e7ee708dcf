INSERT INTO {schema}.audit (at, actor, via, act, noun, target, queue, reason, outcome, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
