INSERT INTO {schema}.progress (job, fraction, text)
SELECT DISTINCT ON (row.job) row.job, row.fraction, row.text
FROM unnest($1, $2, $3) WITH ORDINALITY AS row (job, fraction, text, n)
ORDER BY row.job, row.n DESC
ON CONFLICT (job) DO UPDATE SET fraction = excluded.fraction, text = excluded.text
