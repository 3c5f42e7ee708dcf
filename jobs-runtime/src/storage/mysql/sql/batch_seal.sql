UPDATE jobs_batch SET sealed = 1 WHERE id = ?1
