UPDATE jobs_job SET payload = ?2, fence = max(fence, ?3) WHERE id = ?1
