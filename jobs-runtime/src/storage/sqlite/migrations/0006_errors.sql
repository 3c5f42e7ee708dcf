-- Errors that are alike, and what failed attempts have noted of them: a note is inserted beside the failure, and folded into its group by
-- upkeep.
CREATE TABLE jobs_error (
    id       BLOB    NOT NULL PRIMARY KEY,
    last_at  INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    last_job BLOB    NOT NULL,
    kind     INTEGER NOT NULL,
    title    TEXT    NOT NULL,
    sample   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_error_last ON jobs_error (last_at, id);
CREATE INDEX jobs_error_kind ON jobs_error (kind, last_at, id);

CREATE TABLE jobs_error_note (
    n      INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    error  BLOB    NOT NULL,
    job    BLOB    NOT NULL,
    kind   INTEGER NOT NULL,
    title  TEXT    NOT NULL,
    sample TEXT    NOT NULL
) STRICT;
