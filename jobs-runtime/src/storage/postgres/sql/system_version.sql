SELECT version(), (SELECT max(version) FROM {schema}.migration)::bigint
