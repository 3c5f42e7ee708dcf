DELETE FROM jobs_operation WHERE id IN (
    SELECT id FROM (SELECT id, finished_at FROM jobs_operation ORDER BY id LIMIT ?2) AS oldest WHERE finished_at <= ?1)
