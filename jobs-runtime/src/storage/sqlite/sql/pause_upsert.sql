INSERT INTO jobs_pause (what, target, number, reason, since, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (what, target) DO UPDATE SET
    -- A pause that has ended begins anew.
    since = CASE WHEN until <= excluded.since THEN excluded.since ELSE since END,
    number = excluded.number, reason = excluded.reason, until = excluded.until
