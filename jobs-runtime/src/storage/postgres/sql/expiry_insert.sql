INSERT INTO {schema}.expiry (at, id)
SELECT * FROM unnest($1, $2) AS row (at, id) ORDER BY at, id
ON CONFLICT DO NOTHING
