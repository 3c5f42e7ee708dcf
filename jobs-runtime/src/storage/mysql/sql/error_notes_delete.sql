DELETE note FROM JSON_TABLE(?1, '$[*]' COLUMNS (n BIGINT PATH '$')) AS gone
STRAIGHT_JOIN jobs_error_note AS note FORCE INDEX (PRIMARY) ON note.n = gone.n
