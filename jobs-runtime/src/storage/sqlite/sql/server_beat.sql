INSERT INTO jobs_server (id, started_at, beat_at, lease_until, info, kinds) VALUES (?1, ?2, ?2, ?3, ?4, ?5)
ON CONFLICT (id) DO UPDATE SET
    beat_at = excluded.beat_at, lease_until = excluded.lease_until, info = excluded.info, kinds = excluded.kinds
