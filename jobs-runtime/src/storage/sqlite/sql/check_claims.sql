SELECT 'claim ' || claim.fence || ' says that ' || claim.n_left || ' jobs are left, but ' || count(live.id) || ' are live'
FROM jobs_claim AS claim LEFT JOIN jobs_live AS live ON live.fence = claim.fence
GROUP BY claim.fence
HAVING count(live.id) <> claim.n_left OR claim.n_left <= 0
