DELETE FROM jobs_audit WHERE n IN (
    SELECT n FROM (SELECT n, at FROM jobs_audit ORDER BY n LIMIT ?2) AS oldest WHERE at <= ?1)
