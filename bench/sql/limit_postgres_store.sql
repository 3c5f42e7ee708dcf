-- $1 the ids, $2 the payloads.
WITH given AS MATERIALIZED (
    SELECT job.*, now() AS at FROM unnest($1::uuid[], $2::bytea[]) AS job (id, payload)
), stored AS (
    INSERT INTO {schema}.job (id, kind, queue, priority, payload, created_at, due_at, max_attempts, on_exhausted)
    SELECT id, 1, 1, 0, payload, at, at, 20, 0 FROM given
    ON CONFLICT (id) DO NOTHING
), runnable AS (
    INSERT INTO {schema}.ready (queue, kind, priority, id, once, suspect)
    SELECT 1, 1, 0, id, false, false FROM given
), counted AS (
    INSERT INTO {schema}.total_delta (queue, kind, state, n) SELECT 1, 1, 2, count(*) FROM given
)
INSERT INTO {schema}.stat_delta (grain, at, queue, kind, measure, bucket, n)
SELECT 0, 0, 1, 1, 0, 0, count(*) FROM given
