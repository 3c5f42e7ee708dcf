WITH held (fence, id) AS (
    SELECT fence, id FROM {schema}.live
    UNION ALL SELECT fence, id FROM {schema}.job WHERE leaving = 1
)
SELECT 'claim ' || claim.fence || ' says that ' || claim.n_left || ' jobs are left, but it has ' || count(held.id)
FROM {schema}.claim AS claim LEFT JOIN held ON held.fence = claim.fence
GROUP BY claim.fence, claim.n_left
HAVING count(held.id) <> claim.n_left OR claim.n_left <= 0
