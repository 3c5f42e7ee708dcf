DELETE FROM jobs_scheduled WHERE (due_at, id) <= (?1, ?2)
