UPDATE jobs_job SET
    fence = ?2, outcome = 4, attempt = attempt + 1, started_at = ?3, finished_at = ?4, reason = NULL, output = ?5
WHERE id = ?1 AND fence < ?2 AND outcome IS NULL AND retain IS NULL AND batch IS NULL AND flow & 1 = 0
