DELETE expiry FROM JSON_TABLE(?1, '$[*]' COLUMNS (at BIGINT PATH '$[0]', id CHAR(32) PATH '$[1]')) AS gone
STRAIGHT_JOIN jobs_expiry AS expiry FORCE INDEX (PRIMARY) ON expiry.at = gone.at AND expiry.id = UNHEX(gone.id)
