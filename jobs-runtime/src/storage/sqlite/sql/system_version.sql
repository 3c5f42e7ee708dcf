SELECT sqlite_version(), (SELECT max(version) FROM jobs_migration)
