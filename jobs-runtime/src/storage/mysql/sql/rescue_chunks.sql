SELECT claim.fence, claim.suspect, claim.ids, claim.claimed_at
FROM JSON_TABLE(?1, '$[*]' COLUMNS (fence BIGINT PATH '$')) AS asked
STRAIGHT_JOIN jobs_claim AS claim FORCE INDEX (PRIMARY) ON claim.fence = asked.fence
WHERE (SELECT COUNT(*) FROM jobs_server AS server WHERE server.id = claim.server AND server.lease_until > ?2) = 0
FOR UPDATE SKIP LOCKED
