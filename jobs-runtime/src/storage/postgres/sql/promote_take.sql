-- Moves due jobs to `ready` in one statement: $1 the shift of the clock, $2 how many at most. Tells how many there were, and the time.
WITH moment AS MATERIALIZED (
    SELECT clock_timestamp() + $1 * interval '1 microsecond' AS at
), due AS MATERIALIZED (
    SELECT scheduled.ctid AS place, scheduled.id
    FROM {schema}.scheduled AS scheduled
    WHERE scheduled.due_at <= (SELECT at FROM moment)
    ORDER BY scheduled.due_at, scheduled.id
    LIMIT $2
    FOR UPDATE SKIP LOCKED
), gone AS (
    -- By their places, which do not change while they are locked.
    DELETE FROM {schema}.scheduled AS scheduled
    USING due
    WHERE scheduled.ctid = due.place
), runnable AS MATERIALIZED (
    SELECT job.queue, job.kind, job.priority, job.id, job.max_attempts <= 1 AS once, job.crashes > 0 AS suspect
    FROM due
    CROSS JOIN LATERAL (SELECT * FROM {schema}.job AS job WHERE job.id = due.id OFFSET 0) AS job
), moved AS (
    INSERT INTO {schema}.ready (queue, kind, priority, id, once, suspect)
    SELECT queue, kind, priority, id, once, suspect FROM runnable
), counted AS (
    INSERT INTO {schema}.total_delta (queue, kind, state, n)
    SELECT line.queue, line.kind, change.state, change.sign * line.n
    FROM (SELECT queue, kind, count(*) AS n FROM runnable GROUP BY queue, kind) AS line,
        (VALUES (0, -1), (2, 1)) AS change (state, sign)
)
SELECT (SELECT count(*) FROM due), at FROM moment
