CREATE TABLE job (
    {id},
    kind INTEGER NOT NULL, queue INTEGER NOT NULL, priority INTEGER NOT NULL, payload BLOB NOT NULL,
    created_at INTEGER NOT NULL, due_at INTEGER NOT NULL, max_attempts INTEGER NOT NULL, on_exhausted INTEGER NOT NULL,
    timeout INTEGER, meta TEXT, batch BLOB, attempt INTEGER NOT NULL DEFAULT 0, crashes INTEGER NOT NULL DEFAULT 0,
    fence INTEGER NOT NULL DEFAULT 0, started_at INTEGER, finished_at INTEGER, outcome INTEGER, output BLOB,
    state INTEGER NOT NULL DEFAULT 0
) {end};
