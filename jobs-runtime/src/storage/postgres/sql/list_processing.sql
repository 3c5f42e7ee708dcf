(SELECT id FROM {schema}.live)
