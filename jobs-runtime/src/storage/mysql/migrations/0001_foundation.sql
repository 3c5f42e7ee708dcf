-- Times are microseconds since 1970 UTC, durations microseconds, ids the 16 bytes of a UUID of version 7, names bytes: no
-- collation makes two names one.
-- A job's state is where its row lives: in jobs_ready, jobs_scheduled, jobs_parked, under an open edge, live in a claim, or,
-- once `outcome` is set, final. Rows on the hot path are inserted once and deleted once.
-- Every statement here may run again: the database commits each by itself.

CREATE TABLE IF NOT EXISTS jobs_kind (
    id   INT             NOT NULL AUTO_INCREMENT,
    name VARBINARY(1000) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY name (name)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS jobs_queue (
    id   INT             NOT NULL AUTO_INCREMENT,
    name VARBINARY(1000) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY name (name)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- `leaving` marks jobs that were ended in their handlers' own transactions and have not yet left their chunks.
CREATE TABLE IF NOT EXISTS jobs_job (
    id           BINARY(16) NOT NULL,
    kind         INT        NOT NULL,
    queue        INT        NOT NULL,
    priority     INT        NOT NULL,
    payload      LONGBLOB   NOT NULL,
    created_at   BIGINT     NOT NULL,
    due_at       BIGINT     NOT NULL,
    max_attempts INT        NOT NULL,
    on_exhausted TINYINT    NOT NULL,
    timeout      BIGINT,
    expires_at   BIGINT,
    retain       BIGINT,
    meta         MEDIUMTEXT,
    tags         MEDIUMTEXT,
    recurring    VARBINARY(1000),
    occurrence   BIGINT,
    batch        BINARY(16),
    attempt      INT        NOT NULL DEFAULT 0,
    crashes      INT        NOT NULL DEFAULT 0,
    fence        BIGINT     NOT NULL DEFAULT 0,
    cancel       TINYINT    NOT NULL DEFAULT 0,
    leaving      TINYINT    NOT NULL DEFAULT 0,
    started_at   BIGINT,
    finished_at  BIGINT,
    outcome      TINYINT,
    reason       LONGTEXT,
    output       LONGBLOB,
    PRIMARY KEY (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- `once` marks jobs that may be run only once, `suspect` those that a server has died with, whose `crashes` is not 0: they have a
-- key range of their own, because there are no partial indexes. `turn` is 0 - priority, because not every server keeps descending keys.
CREATE TABLE IF NOT EXISTS jobs_ready (
    suspect TINYINT    NOT NULL,
    queue   INT        NOT NULL,
    turn    INT        NOT NULL,
    id      BINARY(16) NOT NULL,
    kind    INT        NOT NULL,
    once    TINYINT    NOT NULL,
    PRIMARY KEY (suspect, queue, turn, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS jobs_scheduled (
    due_at BIGINT     NOT NULL,
    id     BINARY(16) NOT NULL,
    PRIMARY KEY (due_at, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS jobs_parked (
    kind  INT        NOT NULL,
    queue INT        NOT NULL,
    turn  INT        NOT NULL,
    id    BINARY(16) NOT NULL,
    PRIMARY KEY (kind, queue, turn, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The counter of AUTO_INCREMENT is kept over restarts, so that a fence is never given twice, not even after its row is gone.
CREATE TABLE IF NOT EXISTS jobs_claim (
    fence      BIGINT     NOT NULL AUTO_INCREMENT,
    server     BINARY(16) NOT NULL,
    claimed_at BIGINT     NOT NULL,
    suspect    TINYINT    NOT NULL,
    n_left     INT        NOT NULL,
    ids        LONGTEXT   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (fence),
    KEY server (server)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS jobs_server (
    id          BINARY(16) NOT NULL,
    started_at  BIGINT     NOT NULL,
    beat_at     BIGINT     NOT NULL,
    lease_until BIGINT     NOT NULL,
    info        LONGTEXT   NOT NULL,
    kinds       LONGTEXT   NOT NULL,
    recurring   LONGTEXT   NOT NULL,
    stop        TINYINT    NOT NULL DEFAULT 0,
    workers     INT,
    PRIMARY KEY (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS jobs_edge (
    parent      BINARY(16) NOT NULL,
    child       BINARY(16) NOT NULL,
    position    INT        NOT NULL,
    `condition` TINYINT    NOT NULL,
    released    TINYINT    NOT NULL DEFAULT 0,
    outcome     TINYINT,
    output      LONGBLOB,
    PRIMARY KEY (parent, child),
    KEY child (child)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS jobs_batch (
    id          BINARY(16) NOT NULL,
    description LONGTEXT   NOT NULL,
    parent      BINARY(16),
    created_at  BIGINT     NOT NULL,
    finished_at BIGINT,
    sealed      TINYINT    NOT NULL,
    cancelled   TINYINT    NOT NULL DEFAULT 0,
    n_total     BIGINT     NOT NULL DEFAULT 0,
    n_pending   BIGINT     NOT NULL DEFAULT 0,
    n_succeeded BIGINT     NOT NULL DEFAULT 0,
    n_failed    BIGINT     NOT NULL DEFAULT 0,
    n_deleted   BIGINT     NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS jobs_recurring (
    id           VARBINARY(1000) NOT NULL,
    owner        TINYINT         NOT NULL,
    cron         MEDIUMTEXT      NOT NULL,
    zone         MEDIUMTEXT      NOT NULL,
    misfire      TINYINT         NOT NULL,
    cap          BIGINT,
    overlap      TINYINT         NOT NULL,
    kind         INT             NOT NULL,
    queue        INT             NOT NULL,
    priority     INT             NOT NULL,
    payload      LONGBLOB        NOT NULL,
    max_attempts INT             NOT NULL,
    on_exhausted TINYINT         NOT NULL,
    timeout      BIGINT,
    expires      BIGINT,
    retain       BIGINT,
    meta         MEDIUMTEXT,
    tags         MEDIUMTEXT,
    next_at      BIGINT,
    last_at      BIGINT,
    last_job     BINARY(16),
    declared_at  BIGINT          NOT NULL,
    PRIMARY KEY (id),
    KEY next_at (next_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS jobs_occurrence (
    recurring VARBINARY(1000) NOT NULL,
    at        BIGINT          NOT NULL,
    job       BINARY(16)      NOT NULL,
    PRIMARY KEY (recurring, at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS jobs_outcome (
    outcome TINYINT    NOT NULL,
    id      BINARY(16) NOT NULL,
    kind    INT        NOT NULL,
    queue   INT        NOT NULL,
    at      BIGINT     NOT NULL,
    PRIMARY KEY (outcome, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS jobs_event (
    n       BIGINT     NOT NULL AUTO_INCREMENT,
    job     BINARY(16) NOT NULL,
    at      BIGINT     NOT NULL,
    what    TINYINT    NOT NULL,
    attempt INT        NOT NULL,
    text    LONGTEXT   NOT NULL,
    PRIMARY KEY (n),
    KEY job (job, n)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS jobs_progress (
    job      BINARY(16) NOT NULL,
    fraction DOUBLE     NOT NULL,
    text     LONGTEXT   NOT NULL,
    PRIMARY KEY (job)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS jobs_expiry (
    at BIGINT     NOT NULL,
    id BINARY(16) NOT NULL,
    PRIMARY KEY (at, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How many jobs are in which state now; state 7 is `enqueued` but parked. What is counted is jobs_total and jobs_total_delta
-- together: a transaction only inserts deltas, which are folded later.
CREATE TABLE IF NOT EXISTS jobs_total (
    queue INT     NOT NULL,
    kind  INT     NOT NULL,
    state TINYINT NOT NULL,
    n     BIGINT  NOT NULL,
    PRIMARY KEY (queue, kind, state)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS jobs_total_delta (
    id    BIGINT  NOT NULL AUTO_INCREMENT,
    queue INT     NOT NULL,
    kind  INT     NOT NULL,
    state TINYINT NOT NULL,
    n     BIGINT  NOT NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What happened when; grain 0 is a minute, 1 an hour, 2 a day. Together with jobs_stat_delta.
CREATE TABLE IF NOT EXISTS jobs_stat (
    grain   TINYINT  NOT NULL,
    at      BIGINT   NOT NULL,
    queue   INT      NOT NULL,
    kind    INT      NOT NULL,
    measure SMALLINT NOT NULL,
    bucket  SMALLINT NOT NULL,
    n       BIGINT   NOT NULL,
    PRIMARY KEY (grain, at, queue, kind, measure, bucket)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS jobs_stat_delta (
    id      BIGINT   NOT NULL AUTO_INCREMENT,
    grain   TINYINT  NOT NULL,
    at      BIGINT   NOT NULL,
    queue   INT      NOT NULL,
    kind    INT      NOT NULL,
    measure SMALLINT NOT NULL,
    bucket  SMALLINT NOT NULL,
    n       BIGINT   NOT NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How far the walks of maintenance have come.
CREATE TABLE IF NOT EXISTS jobs_position (
    walk VARBINARY(100) NOT NULL,
    id   BINARY(16)     NOT NULL,
    PRIMARY KEY (walk)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Which set of tables this is: a transaction of the application's is asked whether it belongs to the same.
CREATE TABLE IF NOT EXISTS jobs_instance (
    one TINYINT    NOT NULL,
    id  BINARY(16) NOT NULL,
    PRIMARY KEY (one)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO jobs_instance (one, id) VALUES (1, UNHEX(REPLACE(UUID(), '-', '')))
ON DUPLICATE KEY UPDATE one = VALUES(one);

-- Jobs that a server holds the right to finish.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW jobs_live AS
SELECT job.id AS id, claim.fence AS fence, claim.server AS server, claim.claimed_at AS claimed_at
FROM jobs_claim AS claim
JOIN JSON_TABLE(claim.ids, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS part
STRAIGHT_JOIN jobs_job AS job ON job.id = UNHEX(part.id)
WHERE job.fence < claim.fence AND job.outcome IS NULL;

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
        WHEN EXISTS (SELECT 1 FROM jobs_edge AS e WHERE e.child = job.id AND e.released = 0) THEN 1
        ELSE 3
    END AS state
FROM jobs_job AS job;
