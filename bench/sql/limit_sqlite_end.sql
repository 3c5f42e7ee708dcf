-- ?1 the chunk, ?2 when it was taken, ?3 the time, then its jobs, all of which have succeeded.
UPDATE jobs_job SET fence = ?1, outcome = 4, attempt = attempt + 1, started_at = ?2, finished_at = ?3
WHERE id IN ({rows}) AND fence < ?1 AND outcome IS NULL
