UPDATE {schema}.server SET lease_until = to_timestamp(0) WHERE id = $1
