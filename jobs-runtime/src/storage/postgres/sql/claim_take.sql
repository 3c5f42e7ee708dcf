-- Takes jobs in one statement: a suspect alone, and a chunk of ordinary jobs. $1 the server, $2 its name in pauses, $3 the shift of
-- the clock, $4 the queues in order, $5 the kinds, $6 slots, $7 slots and prefetch, $8 the kinds not to be prefetched, $9 whether
-- a suspect may be taken. The last three columns: how the job may end in one statement (1 by `finish_kept`, 2 by `finish_gone`), where
-- its row is, and its place in the chunk. Nothing is sorted: the lanes are read one after the other, each in its order.
WITH moment AS MATERIALIZED (
    SELECT clock_timestamp() + $3 * interval '1 microsecond' AS at
), lane AS MATERIALIZED (
    -- Nothing, when the lease has ended.
    SELECT asked.queue, asked.position
    FROM moment, unnest($4) WITH ORDINALITY AS asked (queue, position)
    WHERE EXISTS (SELECT 1 FROM {schema}.server WHERE id = $1 AND lease_until > moment.at)
        AND NOT EXISTS (SELECT 1 FROM {schema}.pause
                        WHERE (what = 0 AND number = asked.queue OR what = 3 AND target = $2)
                            AND (until IS NULL OR until > moment.at))
    ORDER BY asked.position
), kind AS MATERIALIZED (
    SELECT array_agg(asked.kind) AS numbers
    FROM moment, unnest($5) AS asked (kind)
    WHERE NOT EXISTS (SELECT 1 FROM {schema}.pause
                      WHERE what = 1 AND number = asked.kind AND (until IS NULL OR until > moment.at))
), suspect AS MATERIALIZED (
    SELECT ready.*
    FROM lane, LATERAL (
        SELECT ready.ctid AS place, ready.queue, ready.kind, ready.id
        FROM {schema}.ready AS ready
        WHERE ready.queue = lane.queue AND ready.suspect AND ready.kind = ANY ((SELECT numbers FROM kind)::integer[])
        ORDER BY ready.priority DESC, ready.id
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) AS ready
    WHERE $9 AND $6 > 0
    LIMIT 1
), room AS MATERIALIZED (
    SELECT $6 - count(*) AS slots, $7 - count(*) AS most FROM suspect
), taken AS MATERIALIZED (
    SELECT place, queue, kind, id, 0 AS n, true AS suspect FROM suspect
    UNION ALL
    SELECT place, queue, kind, id, n, false
    FROM (
        SELECT ready.*, row_number() OVER () AS n
        FROM lane, LATERAL (
            SELECT ready.ctid AS place, ready.queue, ready.kind, ready.id, ready.once
            FROM {schema}.ready AS ready
            WHERE ready.queue = lane.queue AND NOT ready.suspect AND ready.kind = ANY ((SELECT numbers FROM kind)::integer[])
            ORDER BY ready.priority DESC, ready.id
            LIMIT (SELECT most FROM room)
            FOR UPDATE SKIP LOCKED
        ) AS ready
        LIMIT (SELECT most FROM room)
    ) AS numbered
    WHERE n <= (SELECT slots FROM room) OR NOT (once OR kind = ANY ($8))
), gone AS (
    -- By their places, which do not change while they are locked.
    DELETE FROM {schema}.ready AS ready
    USING taken
    WHERE ready.ctid = taken.place
), chunk AS (
    INSERT INTO {schema}.claim (server, claimed_at, suspect, n_left, ids)
    SELECT $1, (SELECT at FROM moment), line.suspect, line.n, line.ids
    FROM (
        SELECT true AS suspect, count(*) AS n, array_agg(id) AS ids FROM suspect
        UNION ALL
        SELECT false, count(*), array_agg(id) FROM taken WHERE NOT suspect
    ) AS line
    WHERE line.n > 0
    RETURNING fence, claimed_at, suspect
), counted AS (
    INSERT INTO {schema}.total_delta (queue, kind, state, n)
    SELECT line.queue, line.kind, change.state, change.sign * line.n
    FROM (SELECT queue, kind, count(*) AS n FROM taken GROUP BY queue, kind) AS line,
        (VALUES (2, -1), (3, 1)) AS change (state, sign)
)
SELECT job.id, job.kind, job.queue, job.priority, job.payload, job.created_at, job.due_at, job.expires_at, job.attempt,
    job.max_attempts, job.crashes,
    (job.cancel OR job.batch IS NOT NULL AND EXISTS (SELECT 1 FROM {schema}.batch AS batch WHERE batch.id = job.batch AND batch.cancelled)),
    job.on_exhausted, job.timeout, job.meta, job.tags, job.recurring, job.occurrence,
    chunk.fence, chunk.claimed_at, chunk.suspect, job.batch,
    CASE
        WHEN job.batch IS NOT NULL OR job.flow & 1 <> 0 THEN 0
        WHEN job.retain IS NULL THEN 1
        WHEN job.retain = 0 AND job.fence = 0 AND job.flow = 0 AND job.recurring IS NULL THEN 2
        ELSE 0
    END,
    job.ctid, taken.n
FROM chunk
JOIN taken ON taken.suspect = chunk.suspect
CROSS JOIN LATERAL (SELECT job.*, job.ctid FROM {schema}.job AS job WHERE job.id = taken.id OFFSET 0) AS job
