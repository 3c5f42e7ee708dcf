SELECT max(version) FROM jobs_migration
