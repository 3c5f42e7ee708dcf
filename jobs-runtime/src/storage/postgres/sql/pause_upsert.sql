INSERT INTO {schema}.pause (what, target, number, reason, since, until) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (what, target) DO UPDATE SET
    -- A pause that has ended begins anew.
    since = CASE WHEN pause.until <= excluded.since THEN excluded.since ELSE pause.since END,
    number = excluded.number, reason = excluded.reason, until = excluded.until
