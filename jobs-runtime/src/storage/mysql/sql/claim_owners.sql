SELECT claim.fence, claim.claimed_at, claim.ids
FROM JSON_TABLE(?2, '$[*]' COLUMNS (fence BIGINT PATH '$')) AS asked
STRAIGHT_JOIN jobs_claim AS claim FORCE INDEX (PRIMARY) ON claim.fence = asked.fence
WHERE claim.server = ?1
FOR UPDATE
