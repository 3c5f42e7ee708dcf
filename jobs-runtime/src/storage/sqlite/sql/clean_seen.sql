SELECT id, outcome, finished_at, retain, due_at, queue, kind, leaving, batch FROM jobs_job WHERE id IN (SELECT unhex(value) FROM json_each(?1))
