WITH gone (fence, n) AS (VALUES {rows})
UPDATE jobs_claim SET n_left = n_left - gone.n FROM gone WHERE jobs_claim.fence = gone.fence
