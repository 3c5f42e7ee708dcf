SELECT MIN(at) FROM jobs_step
