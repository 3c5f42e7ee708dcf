DELETE FROM {schema}.server WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM {schema}.claim WHERE server = $1)
