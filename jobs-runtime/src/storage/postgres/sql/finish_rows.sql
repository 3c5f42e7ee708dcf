SELECT id, fence, outcome, kind, queue, priority, attempt, max_attempts, crashes, retain, on_exhausted, leaving, batch, flow
FROM {schema}.job WHERE id = ANY ($1) ORDER BY id FOR UPDATE
