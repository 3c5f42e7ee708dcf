DELETE FROM {schema}.error_note WHERE n = ANY ($1)
