(SELECT id FROM jobs_job WHERE outcome = 4)
