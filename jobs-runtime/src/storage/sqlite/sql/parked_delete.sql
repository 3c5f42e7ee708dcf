DELETE FROM jobs_parked WHERE (kind, queue, priority, id) IN (VALUES {rows})
