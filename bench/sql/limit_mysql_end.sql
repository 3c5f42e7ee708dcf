-- The chunk, when it was taken, the time, its jobs, all of which have succeeded, and the chunk again.
UPDATE jobs_job SET fence = ?, outcome = 4, attempt = attempt + 1, started_at = ?, finished_at = ?
WHERE id IN ({rows}) AND fence < ? AND outcome IS NULL
