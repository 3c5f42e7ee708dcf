-- Errors that are alike, and what failed attempts have noted of them: a note is inserted beside the failure, and folded into its group by
-- upkeep, so that failing jobs do not wait for one row.
CREATE TABLE {schema}.error (
    id       uuid        NOT NULL PRIMARY KEY,
    last_at  timestamptz NOT NULL,
    first_at timestamptz NOT NULL,
    n        bigint      NOT NULL,
    last_job uuid        NOT NULL,
    kind     integer     NOT NULL,
    title    text        NOT NULL,
    sample   text        NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX error_last ON {schema}.error (last_at, id);
CREATE INDEX error_kind ON {schema}.error (kind, last_at, id);

CREATE TABLE {schema}.error_note (
    n      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     timestamptz NOT NULL,
    error  uuid        NOT NULL,
    job    uuid        NOT NULL,
    kind   integer     NOT NULL,
    title  text        NOT NULL,
    sample text        NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
