SELECT fence FROM jobs_live WHERE id = ?1
