SELECT min(at) FROM {schema}.step
