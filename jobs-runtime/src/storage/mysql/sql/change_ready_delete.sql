DELETE ready FROM jobs_job AS job
STRAIGHT_JOIN jobs_ready AS ready FORCE INDEX (PRIMARY)
    ON ready.suspect = IF(job.crashes > 0, 1, 0) AND ready.queue = ?1 AND ready.turn = 0 - ?2 AND ready.id = job.id
WHERE job.id = ?3
