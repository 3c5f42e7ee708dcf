UPDATE jobs_batch SET cancelled = 1, reason = ?2 WHERE id = ?1
