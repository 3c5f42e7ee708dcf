UPDATE {schema}.recurring SET declared_at = $1
WHERE owner = 0 AND id IN (
    SELECT declared.id FROM {schema}.server AS server, json_array_elements_text(server.recurring::json) AS declared (id)
    WHERE server.lease_until > $1)
