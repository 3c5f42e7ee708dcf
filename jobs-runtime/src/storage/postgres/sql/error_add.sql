INSERT INTO {schema}.error AS error (id, kind, n, first_at, last_at, last_job, title, sample)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS row (id) ORDER BY row.id
ON CONFLICT (id) DO UPDATE SET
    n = error.n + excluded.n,
    first_at = least(error.first_at, excluded.first_at),
    last_job = CASE WHEN excluded.last_at >= error.last_at THEN excluded.last_job ELSE error.last_job END,
    sample = CASE WHEN excluded.last_at >= error.last_at THEN excluded.sample ELSE error.sample END,
    last_at = greatest(error.last_at, excluded.last_at)
