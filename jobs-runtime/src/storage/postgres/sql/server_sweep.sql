DELETE FROM {schema}.server
WHERE lease_until <= $1 AND NOT EXISTS (SELECT 1 FROM {schema}.claim WHERE claim.server = server.id)
