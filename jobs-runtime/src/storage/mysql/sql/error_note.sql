INSERT INTO jobs_error_note (at, error, job, kind, title, sample) VALUES {rows}
