-- Stores jobs in one statement and gives those that were new: the id, where the row is, and the chunk that it was claimed in, if any.
-- Everything beside the job itself is inserted for these alone, so that a resend changes nothing. `placing` is `job_place`, or
-- `job_place_offered` where a server of the process has slots for some of them: it makes `placed` and `chunk`.
WITH moment AS MATERIALIZED (
    SELECT clock_timestamp() + $1 AS at
), given AS MATERIALIZED (
    SELECT job.*, coalesce(job.due, moment.at + job.delay) AS due_at
    FROM moment, unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        AS job (id, kind, queue, priority, payload, due, delay, max_attempts, on_exhausted, timeout, expires, retain, meta, tags,
            recurring, occurrence)
), stored AS (
    INSERT INTO {schema}.job (id, kind, queue, priority, payload, created_at, due_at, max_attempts, on_exhausted, timeout,
        expires_at, retain, meta, tags, recurring, occurrence)
    SELECT id, kind, queue, priority, payload, moment.at, due_at, max_attempts, on_exhausted, timeout, due_at + expires, retain,
        meta, tags, recurring, occurrence
    FROM moment, given
    ORDER BY id
    ON CONFLICT (id) DO NOTHING
    RETURNING id, kind, queue, priority, due_at, max_attempts, due_at <= created_at AS is_due, ctid AS place
), {placing}
), runnable AS (
    INSERT INTO {schema}.ready (queue, kind, priority, id, once, suspect)
    SELECT queue, kind, priority, id, max_attempts <= 1, false FROM placed WHERE state = 2
), waiting AS (
    INSERT INTO {schema}.scheduled (due_at, id)
    SELECT due_at, id FROM placed WHERE state = 0
), hour AS MATERIALIZED (
    SELECT
        rpad(lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint - 3600000), 12, '0'), 32, '0')::uuid AS begins,
        rpad(lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint + 3600000), 12, '0'), 32, '0')::uuid AS ends
    FROM moment
), expired AS (
    -- Retention finds jobs by walking the ids in the order of their time; a caller's own id may lie off the walk's path.
    INSERT INTO {schema}.expiry (at, id)
    SELECT stored.due_at + interval '1 hour', stored.id FROM stored, hour WHERE NOT (hour.begins < stored.id AND stored.id < hour.ends)
    ON CONFLICT DO NOTHING
), line AS MATERIALIZED (
    SELECT queue, kind, state, count(*) AS n FROM placed GROUP BY queue, kind, state
), counted AS (
    INSERT INTO {schema}.total_delta (queue, kind, state, n)
    SELECT queue, kind, state, n FROM line
), measured AS (
    INSERT INTO {schema}.stat_delta (grain, at, queue, kind, measure, bucket, n)
    SELECT 0, floor(extract(epoch FROM moment.at) / 60)::bigint * 60000000, queue, kind, 0, 0, sum(n)
    FROM moment, line
    GROUP BY moment.at, queue, kind
)
SELECT placed.id, placed.place, chunk.fence, chunk.claimed_at FROM placed LEFT JOIN chunk ON placed.state = 3
