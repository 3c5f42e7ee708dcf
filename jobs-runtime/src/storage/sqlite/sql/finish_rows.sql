SELECT id, fence, outcome, kind, queue, priority, attempt, max_attempts, crashes, retain, on_exhausted, leaving
FROM jobs_job WHERE id IN (SELECT unhex(value) FROM json_each(?1))
