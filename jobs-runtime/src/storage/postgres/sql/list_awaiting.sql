(SELECT DISTINCT child AS id FROM {schema}.edge WHERE NOT released)
