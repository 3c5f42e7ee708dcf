DELETE FROM jobs_claim WHERE fence = ?1
