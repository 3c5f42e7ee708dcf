INSERT INTO jobs_event (job, at, what, attempt, text) VALUES {rows}
