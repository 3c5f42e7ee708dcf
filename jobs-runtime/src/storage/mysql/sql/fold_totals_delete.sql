DELETE delta FROM JSON_TABLE(?1, '$[*]' COLUMNS (id BIGINT PATH '$')) AS gone
STRAIGHT_JOIN jobs_total_delta AS delta FORCE INDEX (PRIMARY) ON delta.id = gone.id
