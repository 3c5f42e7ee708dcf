(SELECT id FROM {schema}.job WHERE outcome = 4)
