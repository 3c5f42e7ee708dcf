-- ?1 a job that has succeeded, ?2 its chunk, ?3 when that was taken, ?4 the time.
UPDATE jobs_job SET fence = ?2, outcome = 4, attempt = attempt + 1, started_at = ?3, finished_at = ?4
WHERE id = ?1 AND fence < ?2 AND outcome IS NULL
