-- Times are instants, durations microseconds, ids UUIDs of version 7.
-- A job's state is where its row lives: in ready, scheduled, parked, under an open edge, live in a claim, or, once `outcome` is
-- set, final. Rows on the hot path are inserted once and deleted once.

-- Tells this database from every other, so that a job is never stored through another's transaction.
CREATE TABLE {schema}.instance (
    id uuid NOT NULL PRIMARY KEY
);

INSERT INTO {schema}.instance (id) VALUES (gen_random_uuid());

CREATE TABLE {schema}.kind (
    id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text    NOT NULL UNIQUE
);

CREATE TABLE {schema}.queue (
    id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text    NOT NULL UNIQUE
);

-- No index on a column that the normal path changes, and room in each page: ending an attempt then touches no index.
CREATE TABLE {schema}.job (
    id           uuid        NOT NULL PRIMARY KEY,
    created_at   timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    fence        bigint      NOT NULL DEFAULT 0,
    kind         integer     NOT NULL,
    queue        integer     NOT NULL,
    priority     smallint    NOT NULL,
    on_exhausted smallint    NOT NULL,
    max_attempts integer     NOT NULL,
    attempt      integer     NOT NULL DEFAULT 0,
    crashes      integer     NOT NULL DEFAULT 0,
    cancel       boolean     NOT NULL DEFAULT false,
    outcome      smallint,
    started_at   timestamptz,
    finished_at  timestamptz,
    expires_at   timestamptz,
    occurrence   timestamptz,
    timeout      bigint,
    retain       bigint,
    batch        uuid,
    payload      bytea       NOT NULL,
    recurring    text,
    meta         text,
    tags         text,
    reason       text,
    output       bytea
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);

-- `once` marks jobs that may be run only once, `suspect` those that a server has died with.
CREATE TABLE {schema}.ready (
    queue    integer  NOT NULL,
    kind     integer  NOT NULL,
    priority smallint NOT NULL,
    id       uuid     NOT NULL,
    once     boolean  NOT NULL,
    suspect  boolean  NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000);

-- The order of claims.
CREATE UNIQUE INDEX ready_claim ON {schema}.ready (queue, priority DESC, id);
CREATE INDEX ready_suspect ON {schema}.ready (queue, priority DESC, id) WHERE suspect;
ALTER TABLE {schema}.ready REPLICA IDENTITY USING INDEX ready_claim;

CREATE TABLE {schema}.scheduled (
    due_at timestamptz NOT NULL,
    id     uuid        NOT NULL,
    PRIMARY KEY (due_at, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE {schema}.parked (
    kind     integer  NOT NULL,
    queue    integer  NOT NULL,
    priority smallint NOT NULL,
    id       uuid     NOT NULL
);

CREATE UNIQUE INDEX parked_claim ON {schema}.parked (kind, queue, priority DESC, id);
ALTER TABLE {schema}.parked REPLICA IDENTITY USING INDEX parked_claim;

-- A sequence, so that a fence is never given twice, not even after its row is gone.
CREATE TABLE {schema}.claim (
    fence      bigint      GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME {schema}.fence) PRIMARY KEY,
    claimed_at timestamptz NOT NULL,
    server     uuid        NOT NULL,
    n_left     integer     NOT NULL,
    suspect    boolean     NOT NULL,
    ids        uuid[]      NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX claim_server ON {schema}.claim (server);

CREATE TABLE {schema}.server (
    id          uuid        NOT NULL PRIMARY KEY,
    started_at  timestamptz NOT NULL,
    beat_at     timestamptz NOT NULL,
    lease_until timestamptz NOT NULL,
    info        text        NOT NULL,
    kinds       text        NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE {schema}.edge (
    parent    uuid     NOT NULL,
    child     uuid     NOT NULL,
    position  integer  NOT NULL,
    condition smallint NOT NULL,
    released  boolean  NOT NULL DEFAULT false,
    outcome   smallint,
    output    bytea,
    PRIMARY KEY (parent, child)
);

CREATE INDEX edge_child ON {schema}.edge (child);

CREATE TABLE {schema}.batch (
    id          uuid        NOT NULL PRIMARY KEY,
    description text        NOT NULL,
    parent      uuid,
    created_at  timestamptz NOT NULL,
    finished_at timestamptz,
    sealed      boolean     NOT NULL,
    cancelled   boolean     NOT NULL DEFAULT false,
    n_total     bigint      NOT NULL DEFAULT 0,
    n_pending   bigint      NOT NULL DEFAULT 0,
    n_succeeded bigint      NOT NULL DEFAULT 0,
    n_failed    bigint      NOT NULL DEFAULT 0,
    n_deleted   bigint      NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE {schema}.recurring (
    id           text     NOT NULL PRIMARY KEY,
    owner        smallint NOT NULL,
    cron         text     NOT NULL,
    zone         text     NOT NULL,
    misfire      smallint NOT NULL,
    cap          bigint,
    overlap      smallint NOT NULL,
    kind         integer  NOT NULL,
    queue        integer  NOT NULL,
    priority     smallint NOT NULL,
    payload      bytea    NOT NULL,
    max_attempts integer  NOT NULL,
    on_exhausted smallint NOT NULL,
    timeout      bigint,
    expires      bigint,
    retain       bigint,
    meta         text,
    tags         text,
    next_at      timestamptz,
    last_at      timestamptz,
    last_job     uuid
);

CREATE INDEX recurring_next ON {schema}.recurring (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE {schema}.occurrence (
    recurring text        NOT NULL,
    at        timestamptz NOT NULL,
    job       uuid        NOT NULL,
    PRIMARY KEY (recurring, at)
);

CREATE TABLE {schema}.outcome (
    outcome smallint    NOT NULL,
    id      uuid        NOT NULL,
    kind    integer     NOT NULL,
    queue   integer     NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (outcome, id)
);

CREATE TABLE {schema}.event (
    n       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job     uuid        NOT NULL,
    at      timestamptz NOT NULL,
    attempt integer     NOT NULL,
    what    smallint    NOT NULL,
    text    text        NOT NULL
);

CREATE INDEX event_job ON {schema}.event (job, n);

CREATE TABLE {schema}.progress (
    job      uuid             NOT NULL PRIMARY KEY,
    fraction double precision NOT NULL,
    text     text             NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE {schema}.expiry (
    at timestamptz NOT NULL,
    id uuid        NOT NULL,
    PRIMARY KEY (at, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- How many jobs are in which state now; state 7 is `enqueued` but parked. What transactions have added since stands in
-- total_delta, so that no two of them wait for one row.
CREATE TABLE {schema}.total (
    queue integer  NOT NULL,
    kind  integer  NOT NULL,
    state smallint NOT NULL,
    n     bigint   NOT NULL,
    PRIMARY KEY (queue, kind, state)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE {schema}.total_delta (
    queue integer  NOT NULL,
    kind  integer  NOT NULL,
    n     bigint   NOT NULL,
    state smallint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

ALTER TABLE {schema}.total_delta REPLICA IDENTITY FULL;

-- What happened when; grain 0 is a minute, 1 an hour, 2 a day. `at` is in microseconds since 1970 UTC.
CREATE TABLE {schema}.stat (
    grain   smallint NOT NULL,
    at      bigint   NOT NULL,
    queue   integer  NOT NULL,
    kind    integer  NOT NULL,
    measure smallint NOT NULL,
    bucket  smallint NOT NULL,
    n       bigint   NOT NULL,
    PRIMARY KEY (grain, at, queue, kind, measure, bucket)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 5000);

CREATE TABLE {schema}.stat_delta (
    at      bigint   NOT NULL,
    queue   integer  NOT NULL,
    kind    integer  NOT NULL,
    n       bigint   NOT NULL,
    grain   smallint NOT NULL,
    measure smallint NOT NULL,
    bucket  smallint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

ALTER TABLE {schema}.stat_delta REPLICA IDENTITY FULL;

-- How far the walks of maintenance have come.
CREATE TABLE {schema}.position (
    walk text NOT NULL PRIMARY KEY,
    id   uuid NOT NULL
);

-- There from the start, so that its lock keeps two walks from going side by side.
INSERT INTO {schema}.position (walk, id) VALUES ('retention', '00000000-0000-0000-0000-000000000000');

-- Jobs that a server holds the right to finish.
CREATE VIEW {schema}.live AS
SELECT job.id, claim.fence, claim.server, claim.claimed_at
FROM {schema}.claim AS claim
CROSS JOIN LATERAL unnest(claim.ids) AS member (id)
JOIN {schema}.job AS job ON job.id = member.id
WHERE job.fence < claim.fence AND job.outcome IS NULL;

-- The state of every job; 7 is `enqueued` but parked, as in total. What lives nowhere else is live in a claim.
CREATE VIEW {schema}.state AS
SELECT job.id, job.kind, job.queue,
    CASE
        WHEN job.outcome IS NOT NULL THEN job.outcome
        WHEN EXISTS (SELECT 1 FROM {schema}.ready AS r WHERE r.queue = job.queue AND r.priority = job.priority AND r.id = job.id) THEN 2
        WHEN EXISTS (SELECT 1 FROM {schema}.scheduled AS s WHERE s.due_at = job.due_at AND s.id = job.id) THEN 0
        WHEN EXISTS (SELECT 1 FROM {schema}.parked AS p
                     WHERE p.kind = job.kind AND p.queue = job.queue AND p.priority = job.priority AND p.id = job.id) THEN 7
        WHEN EXISTS (SELECT 1 FROM {schema}.edge AS e WHERE e.child = job.id AND NOT e.released) THEN 1
        ELSE 3
    END AS state
FROM {schema}.job AS job;
