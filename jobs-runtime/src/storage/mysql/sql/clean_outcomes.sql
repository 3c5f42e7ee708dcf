DELETE listed FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS gone
STRAIGHT_JOIN (SELECT 5 AS outcome UNION ALL SELECT 6) AS state
STRAIGHT_JOIN jobs_outcome AS listed FORCE INDEX (PRIMARY)
    ON listed.outcome = state.outcome AND listed.id = UNHEX(gone.id)
