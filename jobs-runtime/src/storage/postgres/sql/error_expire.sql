DELETE FROM {schema}.error WHERE last_at < $1
