UPDATE jobs_job FORCE INDEX (PRIMARY)
SET fence = ?1, outcome = 4, attempt = attempt + 1, started_at = ?2, finished_at = @jobs_now, reason = NULL, output = NULL, room = NULL
WHERE id IN (?3) AND fence < ?1 AND outcome IS NULL AND leaving = 0 AND flow & 1 = 0 AND batch IS NULL AND retain IS NULL
