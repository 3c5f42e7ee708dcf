SELECT batch.id, batch.parent, batch.depth, batch.flow, batch.created_at, batch.touched_at, batch.started_at, batch.finished_at,
    batch.outcome, batch.sealed, batch.cancelled, batch.reason, batch.retain, batch.moved, batch.swept,
    batch.n_total, batch.n_pending, batch.n_succeeded, batch.n_failed, batch.n_deleted, batch.description
FROM JSON_TABLE(?1, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS asked
STRAIGHT_JOIN jobs_batch AS batch FORCE INDEX (PRIMARY) ON batch.id = UNHEX(asked.id)
FOR UPDATE
