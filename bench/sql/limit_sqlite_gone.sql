DELETE FROM jobs_ready WHERE (queue, priority, id) IN (VALUES {rows})
