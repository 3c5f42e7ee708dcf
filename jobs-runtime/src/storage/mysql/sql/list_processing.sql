(SELECT id FROM jobs_live)
