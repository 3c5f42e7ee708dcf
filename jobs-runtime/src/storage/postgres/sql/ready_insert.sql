INSERT INTO {schema}.ready (queue, priority, id, kind, once, suspect)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
