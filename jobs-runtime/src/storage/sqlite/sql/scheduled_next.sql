SELECT min(due_at) FROM jobs_scheduled
