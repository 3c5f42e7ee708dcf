DELETE FROM jobs_expiry WHERE (at, id) IN (VALUES {rows})
