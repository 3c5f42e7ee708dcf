SELECT n, at, error, job, kind, title, sample FROM jobs_error_note FORCE INDEX (PRIMARY) ORDER BY n LIMIT ?1 FOR UPDATE SKIP LOCKED
