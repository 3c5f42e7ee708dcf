DELETE progress
FROM (SELECT job FROM jobs_progress FORCE INDEX (PRIMARY) WHERE job BETWEEN ?1 AND ?2 AND job IN (?3) LIMIT 1000000) AS gone
STRAIGHT_JOIN jobs_progress AS progress FORCE INDEX (PRIMARY) ON progress.job = gone.job
