DELETE ready
FROM JSON_TABLE(?1, '$[*]' COLUMNS (queue INT PATH '$[0]', priority INT PATH '$[1]', id CHAR(32) PATH '$[2]')) AS gone
STRAIGHT_JOIN (SELECT 0 AS suspect UNION ALL SELECT 1) AS sort
STRAIGHT_JOIN jobs_ready AS ready FORCE INDEX (PRIMARY)
    ON ready.suspect = sort.suspect AND ready.queue = gone.queue AND ready.turn = 0 - gone.priority AND ready.id = UNHEX(gone.id)
