-- Operations on many jobs: 0 running, 1 done, 2 cancelled, 3 failed. `spec` is what they are for, in JSON of the version; `place` how far the
-- walk is; jobs with a fence greater than `fence` have changed since.
CREATE TABLE jobs_operation (
    id          BLOB    NOT NULL PRIMARY KEY,
    state       INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    touched_at  INTEGER NOT NULL,
    finished_at INTEGER,
    actor       TEXT    NOT NULL,
    via         INTEGER NOT NULL,
    reason      TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    spec        TEXT    NOT NULL,
    expected    INTEGER,
    fence       INTEGER NOT NULL,
    place       TEXT    NOT NULL,
    n_looked    INTEGER NOT NULL DEFAULT 0,
    n_done      INTEGER NOT NULL DEFAULT 0,
    n_skipped   INTEGER NOT NULL DEFAULT 0,
    n_failed    INTEGER NOT NULL DEFAULT 0,
    error       TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_operation_state ON jobs_operation (state, id);
