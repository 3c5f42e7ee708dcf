-- $2 the shift of the clock, $3 the length of the lease. Gives the time of the beat.
WITH moment AS MATERIALIZED (
    SELECT clock_timestamp() + $2 * interval '1 microsecond' AS at
), beaten AS (
    INSERT INTO {schema}.server (id, started_at, beat_at, lease_until, info, kinds, recurring)
    SELECT $1, at, at, at + $3 * interval '1 microsecond', $4, $5, $6 FROM moment
    ON CONFLICT (id) DO UPDATE SET
        beat_at = excluded.beat_at, lease_until = excluded.lease_until, info = excluded.info, kinds = excluded.kinds,
        recurring = excluded.recurring
    -- A beat that comes late must not take back what a newer one has promised; none is late by a lease, so that then the clock was
    -- set.
    WHERE excluded.beat_at >= server.beat_at OR server.lease_until = to_timestamp(0)
        OR excluded.beat_at < server.beat_at - (excluded.lease_until - excluded.beat_at)
)
SELECT (extract(epoch FROM at) * 1000000)::bigint FROM moment
