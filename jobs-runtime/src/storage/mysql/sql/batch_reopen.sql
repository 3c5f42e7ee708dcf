UPDATE jobs_batch SET outcome = NULL, finished_at = NULL WHERE id = ?1
