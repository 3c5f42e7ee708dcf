(SELECT unnest($1) AS id)
