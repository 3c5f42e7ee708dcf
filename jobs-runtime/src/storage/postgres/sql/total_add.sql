INSERT INTO {schema}.total_delta (queue, kind, state, n)
SELECT * FROM unnest($1, $2, $3, $4)
