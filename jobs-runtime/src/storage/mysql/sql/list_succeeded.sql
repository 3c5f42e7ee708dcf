(SELECT id FROM jobs_job FORCE INDEX (PRIMARY) WHERE outcome = 4)
