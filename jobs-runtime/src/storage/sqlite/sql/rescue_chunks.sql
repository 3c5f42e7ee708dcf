SELECT claim.fence, claim.suspect, claim.ids, claim.claimed_at FROM jobs_claim AS claim
LEFT JOIN jobs_server AS server ON server.id = claim.server AND server.lease_until > ?2
WHERE server.id IS NULL AND claim.fence IN (SELECT value FROM json_each(?1))
ORDER BY claim.fence
