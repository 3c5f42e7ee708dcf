INSERT INTO {schema}.scheduled (due_at, id)
SELECT * FROM unnest($1, $2)
