SELECT claim.fence, claim.suspect, claim.ids, claim.claimed_at FROM {schema}.claim AS claim
WHERE claim.fence = ANY ($1)
    AND NOT EXISTS (SELECT 1 FROM {schema}.server WHERE id = claim.server AND lease_until > $2)
ORDER BY claim.fence
FOR UPDATE OF claim SKIP LOCKED
