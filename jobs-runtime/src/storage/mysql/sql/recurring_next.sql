SELECT MIN(recurring.next_at) FROM jobs_recurring AS recurring
WHERE recurring.next_at > ?1 AND (recurring.owner = 1 OR EXISTS (
    SELECT 1
    FROM JSON_TABLE(?2, '$[*]' COLUMNS (id VARCHAR(1000) CHARACTER SET utf8mb4 PATH '$')) AS own
    WHERE CAST(own.id AS BINARY) = recurring.id))
