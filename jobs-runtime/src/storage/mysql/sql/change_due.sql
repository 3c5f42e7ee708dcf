-- Assignments see those before them.
UPDATE jobs_job SET expires_at = expires_at - due_at + ?2, due_at = ?2, cancel = 0, flow = flow | 16, fence = GREATEST(fence, ?3)
WHERE id = ?1
