UPDATE jobs_batch SET moved = ?2 WHERE id = ?1
