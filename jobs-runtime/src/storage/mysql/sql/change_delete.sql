UPDATE jobs_job SET outcome = 6, leaving = 0, finished_at = ?2, reason = ?3, fence = GREATEST(fence, ?4) WHERE id = ?1
