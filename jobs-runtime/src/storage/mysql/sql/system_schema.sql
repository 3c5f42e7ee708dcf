SELECT CAST(MAX(version) AS SIGNED) FROM jobs_migration
