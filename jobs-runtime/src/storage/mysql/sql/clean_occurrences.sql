DELETE fired FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS gone
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = UNHEX(gone.id)
STRAIGHT_JOIN jobs_occurrence AS fired FORCE INDEX (PRIMARY)
    ON fired.recurring = job.recurring AND fired.at = job.occurrence
