SELECT fence FROM jobs_claim WHERE fence = ?1 FOR UPDATE
