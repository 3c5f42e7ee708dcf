UPDATE jobs_batch SET swept = ?2 WHERE id = ?1
