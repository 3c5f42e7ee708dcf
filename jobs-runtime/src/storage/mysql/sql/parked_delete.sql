DELETE parked
FROM JSON_TABLE(?1, '$[*]' COLUMNS (
    kind INT PATH '$[0]', queue INT PATH '$[1]', priority INT PATH '$[2]', id CHAR(32) PATH '$[3]')) AS gone
STRAIGHT_JOIN jobs_parked AS parked FORCE INDEX (PRIMARY)
    ON parked.kind = gone.kind AND parked.queue = gone.queue AND parked.turn = 0 - gone.priority AND parked.id = UNHEX(gone.id)
