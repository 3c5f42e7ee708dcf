SELECT claim.fence FROM {schema}.claim AS claim
WHERE NOT EXISTS (SELECT 1 FROM {schema}.server WHERE id = claim.server AND lease_until > $1)
ORDER BY claim.fence
