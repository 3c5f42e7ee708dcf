-- Times are microseconds since 1970 UTC, durations microseconds, ids the 16 bytes of a UUID of version 7.
-- A job's state is where its row lives: in jobs_ready, jobs_scheduled, jobs_parked, under an open edge, live in a claim, or,
-- once `outcome` is set, final. Rows on the hot path are inserted once and deleted once.

CREATE TABLE jobs_kind (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE jobs_queue (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE jobs_job (
    id           BLOB    NOT NULL PRIMARY KEY,
    kind         INTEGER NOT NULL,
    queue        INTEGER NOT NULL,
    priority     INTEGER NOT NULL,
    payload      BLOB    NOT NULL,
    created_at   INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    on_exhausted INTEGER NOT NULL,
    timeout      INTEGER,
    expires_at   INTEGER,
    retain       INTEGER,
    meta         TEXT,
    tags         TEXT,
    recurring    TEXT,
    occurrence   INTEGER,
    batch        BLOB,
    attempt      INTEGER NOT NULL DEFAULT 0,
    crashes      INTEGER NOT NULL DEFAULT 0,
    fence        INTEGER NOT NULL DEFAULT 0,
    cancel       INTEGER NOT NULL DEFAULT 0,
    started_at   INTEGER,
    finished_at  INTEGER,
    outcome      INTEGER,
    reason       TEXT,
    output       BLOB
) STRICT, WITHOUT ROWID;

-- `once` marks jobs that may be run only once, `suspect` those that a server has died with.
CREATE TABLE jobs_ready (
    queue    INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    id       BLOB    NOT NULL,
    kind     INTEGER NOT NULL,
    once     INTEGER NOT NULL,
    suspect  INTEGER NOT NULL,
    PRIMARY KEY (queue, priority DESC, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_ready_suspect ON jobs_ready (queue, priority DESC, id) WHERE suspect = 1;

CREATE TABLE jobs_scheduled (
    due_at INTEGER NOT NULL,
    id     BLOB    NOT NULL,
    PRIMARY KEY (due_at, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs_parked (
    kind     INTEGER NOT NULL,
    queue    INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    id       BLOB    NOT NULL,
    PRIMARY KEY (kind, queue, priority DESC, id)
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT, so that a fence is never given twice, not even after its row is gone.
CREATE TABLE jobs_claim (
    fence      INTEGER PRIMARY KEY AUTOINCREMENT,
    server     BLOB    NOT NULL,
    claimed_at INTEGER NOT NULL,
    suspect    INTEGER NOT NULL,
    n_left     INTEGER NOT NULL,
    ids        TEXT    NOT NULL
) STRICT;

CREATE INDEX jobs_claim_server ON jobs_claim (server);

CREATE TABLE jobs_server (
    id          BLOB    NOT NULL PRIMARY KEY,
    started_at  INTEGER NOT NULL,
    beat_at     INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    info        TEXT    NOT NULL,
    kinds       TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs_edge (
    parent    BLOB    NOT NULL,
    child     BLOB    NOT NULL,
    position  INTEGER NOT NULL,
    condition INTEGER NOT NULL,
    released  INTEGER NOT NULL DEFAULT 0,
    outcome   INTEGER,
    output    BLOB,
    PRIMARY KEY (parent, child)
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_edge_child ON jobs_edge (child);

CREATE TABLE jobs_batch (
    id          BLOB    NOT NULL PRIMARY KEY,
    description TEXT    NOT NULL,
    parent      BLOB,
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,
    sealed      INTEGER NOT NULL,
    cancelled   INTEGER NOT NULL DEFAULT 0,
    n_total     INTEGER NOT NULL DEFAULT 0,
    n_pending   INTEGER NOT NULL DEFAULT 0,
    n_succeeded INTEGER NOT NULL DEFAULT 0,
    n_failed    INTEGER NOT NULL DEFAULT 0,
    n_deleted   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs_recurring (
    id           TEXT    NOT NULL PRIMARY KEY,
    owner        INTEGER NOT NULL,
    cron         TEXT    NOT NULL,
    zone         TEXT    NOT NULL,
    misfire      INTEGER NOT NULL,
    cap          INTEGER,
    overlap      INTEGER NOT NULL,
    kind         INTEGER NOT NULL,
    queue        INTEGER NOT NULL,
    priority     INTEGER NOT NULL,
    payload      BLOB    NOT NULL,
    max_attempts INTEGER NOT NULL,
    on_exhausted INTEGER NOT NULL,
    timeout      INTEGER,
    expires      INTEGER,
    retain       INTEGER,
    meta         TEXT,
    tags         TEXT,
    next_at      INTEGER,
    last_at      INTEGER,
    last_job     BLOB
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_recurring_next ON jobs_recurring (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE jobs_occurrence (
    recurring TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    job       BLOB    NOT NULL,
    PRIMARY KEY (recurring, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs_outcome (
    outcome INTEGER NOT NULL,
    id      BLOB    NOT NULL,
    kind    INTEGER NOT NULL,
    queue   INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (outcome, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs_event (
    n       INTEGER PRIMARY KEY,
    job     BLOB    NOT NULL,
    at      INTEGER NOT NULL,
    what    INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    text    TEXT    NOT NULL
) STRICT;

CREATE INDEX jobs_event_job ON jobs_event (job, n);

CREATE TABLE jobs_progress (
    job      BLOB NOT NULL PRIMARY KEY,
    fraction REAL NOT NULL,
    text     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs_expiry (
    at INTEGER NOT NULL,
    id BLOB    NOT NULL,
    PRIMARY KEY (at, id)
) STRICT, WITHOUT ROWID;

-- How many jobs are in which state now; state 7 is `enqueued` but parked.
CREATE TABLE jobs_total (
    queue INTEGER NOT NULL,
    kind  INTEGER NOT NULL,
    state INTEGER NOT NULL,
    n     INTEGER NOT NULL,
    PRIMARY KEY (queue, kind, state)
) STRICT, WITHOUT ROWID;

-- What happened when; grain 0 is a minute, 1 an hour, 2 a day.
CREATE TABLE jobs_stat (
    grain   INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    queue   INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    measure INTEGER NOT NULL,
    bucket  INTEGER NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (grain, at, queue, kind, measure, bucket)
) STRICT, WITHOUT ROWID;

-- How far the walks of maintenance have come.
CREATE TABLE jobs_position (
    walk TEXT NOT NULL PRIMARY KEY,
    id   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Jobs that a server holds the right to finish.
CREATE VIEW jobs_live AS
SELECT job.id AS id, claim.fence AS fence, claim.server AS server, claim.claimed_at AS claimed_at
FROM jobs_claim AS claim, json_each(claim.ids) AS member
JOIN jobs_job AS job ON job.id = unhex(member.value)
WHERE job.fence < claim.fence AND job.outcome IS NULL;

-- The state of every job; 7 is `enqueued` but parked, as in jobs_total. What lives nowhere else is live in a claim.
CREATE VIEW jobs_state AS
SELECT job.id AS id, job.kind AS kind, job.queue AS queue,
    CASE
        WHEN job.outcome IS NOT NULL THEN job.outcome
        WHEN EXISTS (SELECT 1 FROM jobs_ready AS r WHERE r.queue = job.queue AND r.priority = job.priority AND r.id = job.id) THEN 2
        WHEN EXISTS (SELECT 1 FROM jobs_scheduled AS s WHERE s.due_at = job.due_at AND s.id = job.id) THEN 0
        WHEN EXISTS (SELECT 1 FROM jobs_parked AS p
                     WHERE p.kind = job.kind AND p.queue = job.queue AND p.priority = job.priority AND p.id = job.id) THEN 7
        WHEN EXISTS (SELECT 1 FROM jobs_edge AS e WHERE e.child = job.id AND e.released = 0) THEN 1
        ELSE 3
    END AS state
FROM jobs_job AS job;
