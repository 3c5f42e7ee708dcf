DELETE FROM jobs_batch WHERE id = ?1
