UPDATE jobs_job SET fence = {fence}, outcome = 4, attempt = attempt + 1, started_at = {claimed_at}, finished_at = {now}, room = NULL
WHERE id IN ({rows}) AND fence < {fence} AND outcome IS NULL
