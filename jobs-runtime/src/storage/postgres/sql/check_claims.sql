SELECT 'claim ' || claim.fence || ' says that ' || claim.n_left || ' jobs are left, but ' || count(live.id) || ' are live'
FROM {schema}.claim AS claim LEFT JOIN {schema}.live AS live ON live.fence = claim.fence
GROUP BY claim.fence, claim.n_left
HAVING count(live.id) <> claim.n_left OR claim.n_left <= 0
