DELETE event FROM (
    SELECT MAX(last.n) AS n
    FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS snoozed
    STRAIGHT_JOIN jobs_event AS last FORCE INDEX (job) ON last.job = UNHEX(snoozed.id)
    GROUP BY last.job
) AS newest
STRAIGHT_JOIN jobs_event AS event FORCE INDEX (PRIMARY) ON event.n = newest.n
WHERE event.what = 1
