SELECT kinds FROM {schema}.server WHERE lease_until > $1
