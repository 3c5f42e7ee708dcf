DELETE progress FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS gone
STRAIGHT_JOIN jobs_progress AS progress FORCE INDEX (PRIMARY) ON progress.job = UNHEX(gone.id)
