DELETE scheduled
FROM JSON_TABLE(?1, '$[*]' COLUMNS (due_at BIGINT PATH '$[0]', id CHAR(32) PATH '$[1]')) AS gone
STRAIGHT_JOIN jobs_scheduled AS scheduled FORCE INDEX (PRIMARY)
    ON scheduled.due_at = gone.due_at AND scheduled.id = UNHEX(gone.id)
