INSERT INTO {schema}.outcome (outcome, id, kind, queue, at)
SELECT * FROM unnest($1, $2, $3, $4, $5) AS row (outcome, id) ORDER BY row.outcome, row.id
ON CONFLICT (outcome, id) DO UPDATE SET at = excluded.at
