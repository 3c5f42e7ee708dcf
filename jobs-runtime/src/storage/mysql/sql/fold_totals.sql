SELECT id, queue, kind, state, n FROM jobs_total_delta ORDER BY id LIMIT ?1 FOR UPDATE SKIP LOCKED
