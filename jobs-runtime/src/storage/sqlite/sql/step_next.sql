SELECT min(at) FROM jobs_step
