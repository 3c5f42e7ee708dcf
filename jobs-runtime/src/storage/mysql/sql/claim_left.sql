UPDATE JSON_TABLE(?1, '$[*]' COLUMNS (fence BIGINT PATH '$[0]', n INT PATH '$[1]')) AS gone
STRAIGHT_JOIN jobs_claim AS claim FORCE INDEX (PRIMARY) ON claim.fence = gone.fence
SET claim.n_left = claim.n_left - gone.n
