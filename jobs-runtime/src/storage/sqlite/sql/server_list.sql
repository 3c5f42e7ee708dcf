SELECT id, started_at, beat_at, lease_until, info, kinds FROM jobs_server ORDER BY started_at, id
