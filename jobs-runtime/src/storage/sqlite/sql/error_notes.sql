SELECT n, at, error, job, kind, title, sample FROM jobs_error_note ORDER BY n LIMIT ?1
