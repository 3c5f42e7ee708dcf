DELETE FROM {schema}.recurring WHERE owner = 0 AND declared_at <= $1
