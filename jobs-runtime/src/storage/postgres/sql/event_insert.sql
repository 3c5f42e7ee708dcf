INSERT INTO {schema}.event (job, at, what, attempt, text)
SELECT * FROM unnest($1, $2, $3, $4, $5)
