DELETE FROM {schema}.outcome WHERE outcome IN (5, 6) AND id = ANY ($1)
