UPDATE jobs_batch SET sealed = 0, touched_at = 0 WHERE parent = ?1
