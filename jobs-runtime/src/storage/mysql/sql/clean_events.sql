DELETE event FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS gone
STRAIGHT_JOIN jobs_event AS event FORCE INDEX (job) ON event.job = UNHEX(gone.id)
