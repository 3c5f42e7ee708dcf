-- What a job has to do with others, as bits: 1 something waits for it, 2 it has parents, 4 one of them is enough, 8 it is not due before an
-- instant, 16 its batch does not hold it back. Not every server can add a column only where it is missing.
SET @jobs_step = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'jobs_job' AND column_name = 'flow') = 0,
    'ALTER TABLE jobs_job ADD COLUMN flow TINYINT NOT NULL DEFAULT 0, ADD KEY batch (batch, id)',
    'DO 0');
PREPARE jobs_step FROM @jobs_step;
EXECUTE jobs_step;
DEALLOCATE PREPARE jobs_step;

DROP TABLE IF EXISTS jobs_edge;
DROP TABLE IF EXISTS jobs_batch;

-- Who waits for whom; `open` while the child still waits for the parent. What the parent left is copied here when it ends.
CREATE TABLE jobs_edge (
    parent       BINARY(16) NOT NULL,
    child        BINARY(16) NOT NULL,
    parent_batch TINYINT    NOT NULL,
    child_batch  TINYINT    NOT NULL,
    position     INT        NOT NULL,
    `condition`  TINYINT    NOT NULL,
    open         TINYINT    NOT NULL DEFAULT 1,
    outcome      TINYINT,
    output       LONGBLOB,
    reason       LONGTEXT,
    PRIMARY KEY (parent, child),
    KEY child (child),
    KEY open (open, child)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Of a batch that has started, the members up to `moved` run or wait by themselves; of one that was cancelled, those up to `swept` are
-- deleted. `flow` has the bits of jobs_job.flow.
CREATE TABLE jobs_batch (
    id          BINARY(16) NOT NULL,
    description LONGTEXT   NOT NULL,
    parent      BINARY(16),
    depth       INT        NOT NULL,
    flow        TINYINT    NOT NULL,
    created_at  BIGINT     NOT NULL,
    touched_at  BIGINT     NOT NULL,
    started_at  BIGINT,
    finished_at BIGINT,
    outcome     TINYINT,
    sealed      TINYINT    NOT NULL,
    cancelled   TINYINT    NOT NULL DEFAULT 0,
    reason      LONGTEXT,
    retain      BIGINT,
    moved       BINARY(16) NOT NULL,
    swept       BINARY(16) NOT NULL,
    n_total     BIGINT     NOT NULL DEFAULT 0,
    n_pending   BIGINT     NOT NULL DEFAULT 0,
    n_succeeded BIGINT     NOT NULL DEFAULT 0,
    n_failed    BIGINT     NOT NULL DEFAULT 0,
    n_deleted   BIGINT     NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY parent (parent, id),
    KEY outcome (outcome, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Batches on which upkeep has to take a step, and when.
CREATE TABLE IF NOT EXISTS jobs_step (
    at    BIGINT     NOT NULL,
    batch BINARY(16) NOT NULL,
    PRIMARY KEY (at, batch),
    KEY batch (batch)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The jobs that their batches hold back.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW jobs_held AS
SELECT job.id AS id
FROM jobs_batch AS batch
STRAIGHT_JOIN jobs_job AS job ON job.batch = batch.id AND job.id > batch.moved
WHERE batch.moved < UNHEX('ffffffffffffffffffffffffffffffff') AND job.outcome IS NULL AND job.flow & 16 = 0;

-- The state of every job; 7 is `enqueued` but parked, as in jobs_total. What lives nowhere else is live in a claim.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW jobs_state AS
SELECT job.id AS id, job.kind AS kind, job.queue AS queue,
    CASE
        WHEN job.outcome IS NOT NULL THEN job.outcome
        WHEN EXISTS (SELECT 1 FROM jobs_ready AS r
                     WHERE r.suspect = IF(job.crashes > 0, 1, 0) AND r.queue = job.queue AND r.turn = 0 - job.priority
                         AND r.id = job.id) THEN 2
        WHEN EXISTS (SELECT 1 FROM jobs_scheduled AS s WHERE s.due_at = job.due_at AND s.id = job.id) THEN 0
        WHEN EXISTS (SELECT 1 FROM jobs_parked AS p
                     WHERE p.kind = job.kind AND p.queue = job.queue AND p.turn = 0 - job.priority AND p.id = job.id) THEN 7
        WHEN job.flow & 2 <> 0 AND EXISTS (SELECT 1 FROM jobs_edge AS e WHERE e.child = job.id AND e.open = 1) THEN 1
        WHEN job.batch IS NOT NULL AND job.flow & 16 = 0
            AND EXISTS (SELECT 1 FROM jobs_batch AS b WHERE b.id = job.batch AND b.moved < job.id) THEN 1
        ELSE 3
    END AS state
FROM jobs_job AS job;
