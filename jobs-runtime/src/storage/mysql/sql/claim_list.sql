SELECT fence, ids FROM jobs_claim WHERE server = ?1 ORDER BY fence
