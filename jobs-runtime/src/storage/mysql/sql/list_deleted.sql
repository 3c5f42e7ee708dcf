(SELECT id FROM jobs_outcome WHERE outcome = 6)
