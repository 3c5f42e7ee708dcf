DELETE FROM {schema}.operation WHERE id IN (
    SELECT id FROM (SELECT id, finished_at FROM {schema}.operation ORDER BY id LIMIT $2) AS oldest WHERE finished_at <= $1)
