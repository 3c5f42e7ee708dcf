SELECT id FROM jobs_batch WHERE parent = ?1 ORDER BY id
