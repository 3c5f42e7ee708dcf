SELECT id FROM jobs_batch FORCE INDEX (parent) WHERE parent = ?1 ORDER BY id
