DELETE FROM jobs_scheduled WHERE (due_at, id) IN (VALUES {rows})
