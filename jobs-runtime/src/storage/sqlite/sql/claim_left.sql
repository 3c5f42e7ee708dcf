UPDATE jobs_claim SET n_left = n_left - ?2 WHERE fence = ?1
