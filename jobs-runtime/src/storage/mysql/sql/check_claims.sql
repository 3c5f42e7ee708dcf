SELECT CONCAT('claim ', claim.fence, ' says that ', claim.n_left, ' jobs are left, but ', COUNT(live.id), ' are live')
FROM jobs_claim AS claim LEFT JOIN jobs_live AS live ON live.fence = claim.fence
GROUP BY claim.fence, claim.n_left
HAVING COUNT(live.id) <> claim.n_left OR claim.n_left <= 0
