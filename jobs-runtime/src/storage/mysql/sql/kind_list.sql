SELECT id, name FROM jobs_kind
