(SELECT id FROM {schema}.scheduled)
