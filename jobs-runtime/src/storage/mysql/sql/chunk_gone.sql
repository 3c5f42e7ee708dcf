DELETE job FROM jobs_job AS job FORCE INDEX (PRIMARY)
WHERE id IN (?2) AND fence < ?1 AND outcome IS NULL AND leaving = 0 AND flow = 0 AND batch IS NULL AND retain = 0 AND recurring IS NULL
