placed AS (
    SELECT stored.*, CASE WHEN is_due THEN 2 ELSE 0 END AS state FROM stored
), chunk AS (
    SELECT NULL::bigint AS fence, NULL::timestamptz AS claimed_at WHERE false
