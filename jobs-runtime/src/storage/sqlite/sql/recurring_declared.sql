UPDATE jobs_recurring SET declared_at = ?1
WHERE owner = 0 AND id IN (
    SELECT declared.value FROM jobs_server AS server, json_each(server.recurring) AS declared WHERE server.lease_until > ?1)
