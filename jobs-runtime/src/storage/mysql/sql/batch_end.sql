UPDATE jobs_batch SET outcome = ?2, finished_at = ?3 WHERE id = ?1
