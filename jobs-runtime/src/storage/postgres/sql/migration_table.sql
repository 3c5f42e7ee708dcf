CREATE TABLE IF NOT EXISTS {schema}.migration (
    version    integer     NOT NULL PRIMARY KEY,
    name       text        NOT NULL,
    applied_at timestamptz NOT NULL
)
