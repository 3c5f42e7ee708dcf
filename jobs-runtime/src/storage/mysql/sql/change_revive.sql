UPDATE jobs_job SET outcome = NULL, finished_at = NULL, started_at = NULL, output = NULL, reason = NULL, expires_at = NULL,
    cancel = 0, leaving = 0, flow = flow | 16, attempt = 0, crashes = 0, due_at = ?2, fence = GREATEST(fence, ?3)
WHERE id = ?1
