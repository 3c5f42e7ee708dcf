DELETE FROM {schema}.audit WHERE n IN (
    SELECT n FROM (SELECT n, at FROM {schema}.audit ORDER BY n LIMIT $2) AS oldest WHERE at <= $1)
