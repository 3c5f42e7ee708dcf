SELECT id, outcome, finished_at, retain, due_at, queue, kind FROM {schema}.job WHERE id = ANY ($1) ORDER BY id FOR UPDATE
