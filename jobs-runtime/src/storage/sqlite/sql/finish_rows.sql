SELECT id, fence, outcome, kind, queue, priority, attempt, max_attempts, crashes, retain, on_exhausted, leaving, batch, flow
FROM jobs_job WHERE id IN (SELECT unhex(value) FROM json_each(?1))
