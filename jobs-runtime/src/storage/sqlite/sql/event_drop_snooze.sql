DELETE FROM jobs_event
WHERE what = 1 AND n IN (
    SELECT max(event.n) FROM json_each(?1) AS snoozed
    JOIN jobs_event AS event ON event.job = unhex(snoozed.value)
    GROUP BY event.job)
