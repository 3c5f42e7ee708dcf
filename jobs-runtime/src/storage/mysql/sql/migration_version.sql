SELECT MAX(version) FROM jobs_migration
