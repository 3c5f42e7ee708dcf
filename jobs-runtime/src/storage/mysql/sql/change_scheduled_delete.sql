DELETE FROM jobs_scheduled WHERE due_at = ?1 AND id = ?2
