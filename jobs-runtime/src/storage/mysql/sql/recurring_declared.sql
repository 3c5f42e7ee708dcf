UPDATE jobs_recurring SET declared_at = ?1
WHERE owner = 0 AND EXISTS (
    SELECT 1
    FROM jobs_server AS server,
        JSON_TABLE(server.recurring, '$[*]' COLUMNS (id VARCHAR(1000) CHARACTER SET utf8mb4 PATH '$')) AS declared
    WHERE server.lease_until > ?1 AND CAST(declared.id AS BINARY) = jobs_recurring.id)
