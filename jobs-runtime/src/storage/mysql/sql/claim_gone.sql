-- With a list of ids the server may prefer to look at the whole queue, and then waits for the rows that others have locked.
DELETE ready
FROM JSON_TABLE(?4, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS gone
STRAIGHT_JOIN jobs_ready AS ready FORCE INDEX (PRIMARY)
    ON ready.suspect = ?1 AND ready.queue = ?2 AND ready.turn = ?3 AND ready.id = UNHEX(gone.id)
