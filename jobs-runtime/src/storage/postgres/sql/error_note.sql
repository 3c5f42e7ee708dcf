INSERT INTO {schema}.error_note (at, error, job, kind, title, sample)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
