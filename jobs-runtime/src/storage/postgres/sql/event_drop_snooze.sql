DELETE FROM {schema}.event
WHERE what = 1 AND n IN (
    SELECT (SELECT max(event.n) FROM {schema}.event AS event WHERE event.job = snoozed.job)
    FROM unnest($1) AS snoozed (job))
