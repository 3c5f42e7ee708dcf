UPDATE jobs_batch SET cancelled = 1, reason = ?2 WHERE id IN (SELECT unhex(value) FROM json_each(?1))
