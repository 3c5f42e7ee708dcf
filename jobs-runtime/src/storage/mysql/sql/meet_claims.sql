SELECT fence, ids FROM jobs_claim WHERE fence >= ?1 AND fence < ?2 ORDER BY fence LIMIT 1
