DELETE ready
FROM JSON_TABLE(?1, '$[*]' COLUMNS (queue INT PATH '$[0]', priority INT PATH '$[1]', id CHAR(32) PATH '$[2]')) AS gone
STRAIGHT_JOIN jobs_job AS job FORCE INDEX (PRIMARY) ON job.id = UNHEX(gone.id)
STRAIGHT_JOIN jobs_ready AS ready FORCE INDEX (PRIMARY)
    ON ready.suspect = IF(job.crashes > 0, 1, 0) AND ready.queue = gone.queue AND ready.turn = 0 - gone.priority
        AND ready.id = job.id
