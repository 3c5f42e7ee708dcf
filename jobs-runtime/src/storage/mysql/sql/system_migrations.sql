SELECT version, name, applied_at FROM jobs_migration ORDER BY version
