UPDATE jobs_job SET due_at = ?2, expires_at = expires_at - due_at + ?2, cancel = 0, flow = flow | 16,
    fence = max(fence, ?3)
WHERE id = ?1
