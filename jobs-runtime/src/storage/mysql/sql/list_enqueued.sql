(SELECT id FROM jobs_ready UNION ALL SELECT id FROM jobs_parked)
