UPDATE jobs_batch SET
    touched_at = IF(?3 > 0, ?2, touched_at),
    n_total = n_total + ?3,
    n_pending = n_pending + ?4,
    n_succeeded = n_succeeded + ?5,
    n_failed = n_failed + ?6,
    n_deleted = n_deleted + ?7
WHERE id = ?1
