-- What a job has to do with others, as bits: 1 something waits for it, 2 it has parents, 4 one of them is enough, 8 it is not due before an
-- instant, 16 its batch does not hold it back.
ALTER TABLE jobs_job ADD COLUMN flow INTEGER NOT NULL DEFAULT 0;

CREATE INDEX jobs_job_batch ON jobs_job (batch, id) WHERE batch IS NOT NULL;

DROP VIEW jobs_state;
DROP TABLE jobs_edge;
DROP TABLE jobs_batch;

-- Who waits for whom; `open` while the child still waits for the parent. What the parent left is copied here when it ends.
CREATE TABLE jobs_edge (
    parent       BLOB    NOT NULL,
    child        BLOB    NOT NULL,
    parent_batch INTEGER NOT NULL,
    child_batch  INTEGER NOT NULL,
    position     INTEGER NOT NULL,
    condition    INTEGER NOT NULL,
    open         INTEGER NOT NULL DEFAULT 1,
    outcome      INTEGER,
    output       BLOB,
    reason       TEXT,
    PRIMARY KEY (parent, child)
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_edge_child ON jobs_edge (child);
CREATE INDEX jobs_edge_open ON jobs_edge (child) WHERE open = 1;

-- Of a batch that has started, the members up to `moved` run or wait by themselves; of one that was cancelled, those up to `swept` are
-- deleted. `flow` has the bits of jobs_job.flow.
CREATE TABLE jobs_batch (
    id          BLOB    NOT NULL PRIMARY KEY,
    description TEXT    NOT NULL,
    parent      BLOB,
    depth       INTEGER NOT NULL,
    flow        INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    touched_at  INTEGER NOT NULL,
    started_at  INTEGER,
    finished_at INTEGER,
    outcome     INTEGER,
    sealed      INTEGER NOT NULL,
    cancelled   INTEGER NOT NULL DEFAULT 0,
    reason      TEXT,
    retain      INTEGER,
    moved       BLOB    NOT NULL,
    swept       BLOB    NOT NULL,
    n_total     INTEGER NOT NULL DEFAULT 0,
    n_pending   INTEGER NOT NULL DEFAULT 0,
    n_succeeded INTEGER NOT NULL DEFAULT 0,
    n_failed    INTEGER NOT NULL DEFAULT 0,
    n_deleted   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_batch_parent ON jobs_batch (parent, id) WHERE parent IS NOT NULL;
CREATE INDEX jobs_batch_outcome ON jobs_batch (outcome, id);

-- Batches on which upkeep has to take a step, and when.
CREATE TABLE jobs_step (
    at    INTEGER NOT NULL,
    batch BLOB    NOT NULL,
    PRIMARY KEY (at, batch)
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_step_batch ON jobs_step (batch);

-- The jobs that their batches hold back.
CREATE VIEW jobs_held AS
SELECT job.id AS id
FROM jobs_batch AS batch
JOIN jobs_job AS job ON job.batch = batch.id AND job.id > batch.moved
WHERE batch.moved < x'ffffffffffffffffffffffffffffffff' AND job.outcome IS NULL AND job.flow & 16 = 0;

-- The state of every job; 7 is `enqueued` but parked, as in jobs_total. What lives nowhere else is live in a claim.
CREATE VIEW jobs_state AS
SELECT job.id AS id, job.kind AS kind, job.queue AS queue,
    CASE
        WHEN job.outcome IS NOT NULL THEN job.outcome
        WHEN EXISTS (SELECT 1 FROM jobs_ready AS r WHERE r.queue = job.queue AND r.priority = job.priority AND r.id = job.id) THEN 2
        WHEN EXISTS (SELECT 1 FROM jobs_scheduled AS s WHERE s.due_at = job.due_at AND s.id = job.id) THEN 0
        WHEN EXISTS (SELECT 1 FROM jobs_parked AS p
                     WHERE p.kind = job.kind AND p.queue = job.queue AND p.priority = job.priority AND p.id = job.id) THEN 7
        WHEN job.flow & 2 <> 0 AND EXISTS (SELECT 1 FROM jobs_edge AS e WHERE e.child = job.id AND e.open = 1) THEN 1
        WHEN job.batch IS NOT NULL AND job.flow & 16 = 0
            AND EXISTS (SELECT 1 FROM jobs_batch AS b WHERE b.id = job.batch AND b.moved < job.id) THEN 1
        ELSE 3
    END AS state
FROM jobs_job AS job;
