SELECT fence, claimed_at, ids FROM jobs_claim WHERE server = ?1 AND fence IN (SELECT value FROM json_each(?2))
