-- ?2 the shift of the clock, ?3 the length of the lease. The time of the beat is told as a row's number is.
INSERT INTO jobs_server (id, started_at, beat_at, lease_until, info, kinds, recurring) VALUES (
    ?1,
    LAST_INSERT_ID(TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6)) + ?2),
    TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6)) + ?2,
    TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6)) + ?2 + ?3,
    ?4, ?5, ?6)
ON DUPLICATE KEY UPDATE
    -- A beat that comes late must not take back what a newer one has promised; none is late by a lease, so that then the clock was
    -- set. Assignments see those before them.
    info = IF(VALUES(beat_at) >= beat_at OR lease_until = 0 OR VALUES(beat_at) < beat_at - (VALUES(lease_until) - VALUES(beat_at)), VALUES(info), info),
    kinds = IF(VALUES(beat_at) >= beat_at OR lease_until = 0 OR VALUES(beat_at) < beat_at - (VALUES(lease_until) - VALUES(beat_at)), VALUES(kinds), kinds),
    recurring = IF(VALUES(beat_at) >= beat_at OR lease_until = 0 OR VALUES(beat_at) < beat_at - (VALUES(lease_until) - VALUES(beat_at)), VALUES(recurring), recurring),
    lease_until = IF(VALUES(beat_at) >= beat_at OR lease_until = 0 OR VALUES(beat_at) < beat_at - (VALUES(lease_until) - VALUES(beat_at)), VALUES(lease_until), lease_until),
    beat_at = IF(lease_until = VALUES(lease_until), VALUES(beat_at), beat_at)
