SELECT n, at, error, job, kind, title, sample FROM {schema}.error_note ORDER BY n LIMIT $1 FOR UPDATE SKIP LOCKED
