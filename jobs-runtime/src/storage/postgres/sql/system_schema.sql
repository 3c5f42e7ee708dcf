SELECT max(version)::bigint FROM {schema}.migration
