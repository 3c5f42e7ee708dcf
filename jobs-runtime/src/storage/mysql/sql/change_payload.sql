UPDATE jobs_job SET payload = ?2, fence = GREATEST(fence, ?3) WHERE id = ?1
