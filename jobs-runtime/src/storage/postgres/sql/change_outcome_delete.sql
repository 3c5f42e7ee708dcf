DELETE FROM {schema}.outcome WHERE outcome = $1 AND id = $2
