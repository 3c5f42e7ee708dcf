UPDATE jobs_job SET
    fence = ?2,
    outcome = ?3,
    attempt = attempt + ?4,
    crashes = crashes + ?5,
    started_at = coalesce(?6, started_at),
    finished_at = ?7,
    due_at = coalesce(?8, due_at),
    reason = coalesce(?9, CASE WHEN ?3 = 4 THEN NULL ELSE reason END),
    output = ?10,
    leaving = ?11
WHERE id = ?1
