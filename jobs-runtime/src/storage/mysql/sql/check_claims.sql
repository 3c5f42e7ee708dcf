WITH held (fence, id) AS (
    SELECT fence, id FROM jobs_live
    UNION ALL SELECT fence, id FROM jobs_job WHERE leaving = 1
)
SELECT CONCAT('claim ', claim.fence, ' says that ', claim.n_left, ' jobs are left, but it has ', COUNT(held.id))
FROM jobs_claim AS claim LEFT JOIN held ON held.fence = claim.fence
GROUP BY claim.fence, claim.n_left
HAVING COUNT(held.id) <> claim.n_left OR claim.n_left <= 0
