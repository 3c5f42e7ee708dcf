UPDATE jobs_job SET queue = ?2, priority = ?3, fence = max(fence, ?4) WHERE id = ?1
