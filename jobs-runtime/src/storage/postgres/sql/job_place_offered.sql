-- $18 the jobs that a server of the storing process has slots for, $19 that server, $20 its name in pauses, $21 the queues and $22 the
-- kinds of those jobs.
offer AS MATERIALIZED (
    -- As in `offer_stands`.
    SELECT moment.at
    FROM moment
    WHERE EXISTS (SELECT 1 FROM {schema}.server WHERE id = $19 AND lease_until > moment.at)
        AND NOT EXISTS (SELECT 1 FROM {schema}.pause
                        WHERE (what = 0 AND number = ANY ($21) OR what = 1 AND number = ANY ($22) OR what = 3 AND target = $20)
                            AND (until IS NULL OR until > moment.at))
        AND NOT EXISTS (SELECT 1 FROM {schema}.ready WHERE queue = ANY ($21))
), placed AS MATERIALIZED (
    SELECT stored.*,
        CASE WHEN NOT is_due THEN 0 WHEN id = ANY ($18) AND EXISTS (SELECT 1 FROM offer) THEN 3 ELSE 2 END AS state
    FROM stored
), chunk AS (
    INSERT INTO {schema}.claim (server, claimed_at, suspect, n_left, ids)
    SELECT $19, min(offer.at), false, count(*), array_agg(placed.id)
    FROM placed, offer
    WHERE placed.state = 3
    HAVING count(*) > 0
    RETURNING fence, claimed_at
