UPDATE jobs_claim FORCE INDEX (PRIMARY) SET n_left = n_left - ?3 WHERE fence = ?1 AND server = ?2
