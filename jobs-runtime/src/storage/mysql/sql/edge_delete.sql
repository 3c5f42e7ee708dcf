DELETE edge FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS gone
STRAIGHT_JOIN jobs_edge AS edge FORCE INDEX (child) ON edge.child = UNHEX(gone.id)
