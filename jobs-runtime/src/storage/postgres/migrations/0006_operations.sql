-- Operations on many jobs: 0 running, 1 done, 2 cancelled, 3 failed. `spec` is what they are for, in JSON of the version; `place` how far the
-- walk is; jobs with a fence greater than `fence` have changed since.
CREATE TABLE {schema}.operation (
    id          uuid        NOT NULL PRIMARY KEY,
    created_at  timestamptz NOT NULL,
    touched_at  timestamptz NOT NULL,
    finished_at timestamptz,
    fence       bigint      NOT NULL,
    expected    bigint,
    n_looked    bigint      NOT NULL DEFAULT 0,
    n_done      bigint      NOT NULL DEFAULT 0,
    n_skipped   bigint      NOT NULL DEFAULT 0,
    n_failed    bigint      NOT NULL DEFAULT 0,
    version     integer     NOT NULL,
    state       smallint    NOT NULL,
    via         smallint    NOT NULL,
    actor       text        NOT NULL,
    reason      text        NOT NULL,
    spec        text        NOT NULL,
    place       text        NOT NULL,
    error       text
) WITH (fillfactor = 50);

CREATE INDEX operation_state ON {schema}.operation (state, id);
