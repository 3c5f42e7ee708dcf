INSERT INTO {schema}.parked (kind, queue, priority, id)
SELECT * FROM unnest($1, $2, $3, $4)
