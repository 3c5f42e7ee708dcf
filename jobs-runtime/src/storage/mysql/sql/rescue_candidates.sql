SELECT claim.fence FROM jobs_claim AS claim
LEFT JOIN jobs_server AS server ON server.id = claim.server AND server.lease_until > ?1
WHERE server.id IS NULL
ORDER BY claim.fence
