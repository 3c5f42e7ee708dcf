SELECT id, outcome, finished_at, retain, due_at, queue, kind, leaving, batch FROM {schema}.job WHERE id = ANY ($1) ORDER BY id FOR UPDATE
