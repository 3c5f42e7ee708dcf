DELETE claim FROM JSON_TABLE(?1, '$[*]' COLUMNS (fence BIGINT PATH '$')) AS asked
STRAIGHT_JOIN jobs_claim AS claim FORCE INDEX (PRIMARY) ON claim.fence = asked.fence
WHERE claim.n_left <= 0
