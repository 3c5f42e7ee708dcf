SELECT at, job FROM jobs_occurrence WHERE recurring = ?1 ORDER BY at DESC LIMIT ?2
