DELETE FROM jobs_server
WHERE lease_until <= ?1 AND NOT EXISTS (SELECT 1 FROM jobs_claim WHERE jobs_claim.server = jobs_server.id)
