-- What a job has to do with others, as bits: 1 something waits for it, 2 it has parents, 4 one of them is enough, 8 it is not due before an
-- instant, 16 its batch does not hold it back.
ALTER TABLE {schema}.job ADD COLUMN flow smallint NOT NULL DEFAULT 0;

CREATE INDEX job_batch ON {schema}.job (batch, id) WHERE batch IS NOT NULL;

DROP VIEW {schema}.state;
DROP TABLE {schema}.edge;
DROP TABLE {schema}.batch;

-- Who waits for whom; `open` while the child still waits for the parent. What the parent left is copied here when it ends.
CREATE TABLE {schema}.edge (
    parent       uuid     NOT NULL,
    child        uuid     NOT NULL,
    parent_batch smallint NOT NULL,
    child_batch  smallint NOT NULL,
    position     integer  NOT NULL,
    condition    smallint NOT NULL,
    open         smallint NOT NULL DEFAULT 1,
    outcome      smallint,
    output       bytea,
    reason       text,
    PRIMARY KEY (parent, child)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX edge_child ON {schema}.edge (child);
CREATE INDEX edge_open ON {schema}.edge (child) WHERE open = 1;

-- Of a batch that has started, the members up to `moved` run or wait by themselves; of one that was cancelled, those up to `swept` are
-- deleted. `flow` has the bits of job.flow. A row is written again with each group of members that end, so that it needs room beside it.
CREATE TABLE {schema}.batch (
    id          uuid        NOT NULL PRIMARY KEY,
    parent      uuid,
    moved       uuid        NOT NULL,
    swept       uuid        NOT NULL,
    created_at  timestamptz NOT NULL,
    touched_at  timestamptz NOT NULL,
    started_at  timestamptz,
    finished_at timestamptz,
    retain      bigint,
    n_total     bigint      NOT NULL DEFAULT 0,
    n_pending   bigint      NOT NULL DEFAULT 0,
    n_succeeded bigint      NOT NULL DEFAULT 0,
    n_failed    bigint      NOT NULL DEFAULT 0,
    n_deleted   bigint      NOT NULL DEFAULT 0,
    depth       integer     NOT NULL,
    flow        smallint    NOT NULL,
    sealed      smallint    NOT NULL,
    outcome     smallint,
    cancelled   boolean     NOT NULL DEFAULT false,
    reason      text,
    description text        NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX batch_parent ON {schema}.batch (parent, id) WHERE parent IS NOT NULL;
CREATE INDEX batch_outcome ON {schema}.batch (outcome, id);

-- Batches on which upkeep has to take a step, and when.
CREATE TABLE {schema}.step (
    at    timestamptz NOT NULL,
    batch uuid        NOT NULL,
    PRIMARY KEY (at, batch)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX step_batch ON {schema}.step (batch);

-- The jobs that their batches hold back.
CREATE VIEW {schema}.held AS
SELECT job.id
FROM {schema}.batch AS batch
JOIN {schema}.job AS job ON job.batch = batch.id AND job.id > batch.moved
WHERE batch.moved < 'ffffffff-ffff-ffff-ffff-ffffffffffff' AND job.outcome IS NULL AND job.flow & 16 = 0;

-- The state of every job; 7 is `enqueued` but parked, as in total. What lives nowhere else is live in a claim.
CREATE VIEW {schema}.state AS
SELECT job.id, job.kind, job.queue,
    CASE
        WHEN job.outcome IS NOT NULL THEN job.outcome
        WHEN EXISTS (SELECT 1 FROM {schema}.ready AS r WHERE r.queue = job.queue AND r.priority = job.priority AND r.id = job.id) THEN 2
        WHEN EXISTS (SELECT 1 FROM {schema}.scheduled AS s WHERE s.due_at = job.due_at AND s.id = job.id) THEN 0
        WHEN EXISTS (SELECT 1 FROM {schema}.parked AS p
                     WHERE p.kind = job.kind AND p.queue = job.queue AND p.priority = job.priority AND p.id = job.id) THEN 7
        WHEN job.flow & 2 <> 0 AND EXISTS (SELECT 1 FROM {schema}.edge AS e WHERE e.child = job.id AND e.open = 1) THEN 1
        WHEN job.batch IS NOT NULL AND job.flow & 16 = 0
            AND EXISTS (SELECT 1 FROM {schema}.batch AS b WHERE b.id = job.batch AND b.moved < job.id) THEN 1
        ELSE 3
    END AS state
FROM {schema}.job AS job;
