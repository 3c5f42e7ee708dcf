(SELECT id FROM {schema}.ready UNION ALL SELECT id FROM {schema}.parked)
