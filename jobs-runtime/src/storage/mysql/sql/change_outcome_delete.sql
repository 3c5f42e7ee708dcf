DELETE FROM jobs_outcome WHERE outcome = ?1 AND id = ?2
