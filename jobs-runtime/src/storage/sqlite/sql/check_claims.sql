WITH held (fence, id) AS (
    SELECT fence, id FROM jobs_live
    UNION ALL SELECT fence, id FROM jobs_job WHERE leaving = 1
)
SELECT 'claim ' || claim.fence || ' says that ' || claim.n_left || ' jobs are left, but it has ' || count(held.id)
FROM jobs_claim AS claim LEFT JOIN held ON held.fence = claim.fence
GROUP BY claim.fence
HAVING count(held.id) <> claim.n_left OR claim.n_left <= 0
