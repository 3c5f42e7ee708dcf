INSERT INTO jobs_server (id, started_at, beat_at, lease_until, info, kinds, recurring) VALUES (?1, ?2, ?2, ?2 + ?3, ?4, ?5, ?6)
ON CONFLICT (id) DO UPDATE SET
    beat_at = excluded.beat_at, lease_until = excluded.lease_until, info = excluded.info, kinds = excluded.kinds,
    recurring = excluded.recurring
-- A beat that comes late must not take back what a newer one has promised; none is late by a lease, so that then the clock was set.
WHERE excluded.beat_at >= jobs_server.beat_at OR jobs_server.lease_until = 0
    OR excluded.beat_at < jobs_server.beat_at - (excluded.lease_until - excluded.beat_at)
RETURNING beat_at
