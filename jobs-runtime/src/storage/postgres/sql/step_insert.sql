INSERT INTO {schema}.step (at, batch)
SELECT * FROM unnest($1, $2) AS row (at, batch) ORDER BY row.at, row.batch
ON CONFLICT (at, batch) DO NOTHING
