(SELECT id FROM jobs_scheduled)
