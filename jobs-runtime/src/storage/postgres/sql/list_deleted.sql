(SELECT id FROM {schema}.outcome WHERE outcome = 6)
