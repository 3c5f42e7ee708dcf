-- Operations on many jobs: 0 running, 1 done, 2 cancelled, 3 failed. `spec` is what they are for, in JSON of the version; `place` how far the
-- walk is; jobs with a fence greater than `fence` have changed since.
CREATE TABLE IF NOT EXISTS jobs_operation (
    id          BINARY(16)      NOT NULL,
    state       TINYINT         NOT NULL,
    created_at  BIGINT          NOT NULL,
    touched_at  BIGINT          NOT NULL,
    finished_at BIGINT,
    actor       VARBINARY(1000) NOT NULL,
    via         TINYINT         NOT NULL,
    reason      LONGTEXT        NOT NULL,
    version     INT             NOT NULL,
    spec        LONGTEXT        NOT NULL,
    expected    BIGINT,
    fence       BIGINT          NOT NULL,
    place       LONGTEXT        NOT NULL,
    n_looked    BIGINT          NOT NULL DEFAULT 0,
    n_done      BIGINT          NOT NULL DEFAULT 0,
    n_skipped   BIGINT          NOT NULL DEFAULT 0,
    n_failed    BIGINT          NOT NULL DEFAULT 0,
    error       LONGTEXT,
    PRIMARY KEY (id),
    KEY state (state, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
