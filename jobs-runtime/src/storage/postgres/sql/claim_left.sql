UPDATE {schema}.claim AS claim SET n_left = claim.n_left - gone.n
FROM unnest($1, $2) AS gone (fence, n)
WHERE claim.fence = gone.fence
