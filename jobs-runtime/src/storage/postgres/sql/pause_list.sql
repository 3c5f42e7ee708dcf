SELECT what, target, reason, since, until FROM {schema}.pause WHERE until IS NULL OR until > $1 ORDER BY since, what, target
