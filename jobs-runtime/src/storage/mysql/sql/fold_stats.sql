SELECT id, grain, at, queue, kind, measure, bucket, n FROM jobs_stat_delta ORDER BY id LIMIT ?1 FOR UPDATE SKIP LOCKED
