SELECT version::bigint, name, applied_at FROM {schema}.migration ORDER BY version
