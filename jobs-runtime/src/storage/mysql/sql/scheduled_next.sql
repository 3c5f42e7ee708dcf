SELECT MIN(due_at) FROM jobs_scheduled
