(SELECT id FROM jobs_outcome FORCE INDEX (PRIMARY) WHERE outcome = 5)
