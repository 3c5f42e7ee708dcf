SELECT fence, ids, claimed_at FROM jobs_claim WHERE server = ?1 ORDER BY fence
