-- Errors that are alike, and what failed attempts have noted of them: a note is inserted beside the failure, and folded into its group by
-- upkeep, so that failing jobs do not wait for one row.
CREATE TABLE IF NOT EXISTS jobs_error (
    id       BINARY(16) NOT NULL PRIMARY KEY,
    last_at  BIGINT     NOT NULL,
    first_at BIGINT     NOT NULL,
    n        BIGINT     NOT NULL,
    last_job BINARY(16) NOT NULL,
    kind     INT        NOT NULL,
    title    TEXT       NOT NULL,
    sample   LONGTEXT   NOT NULL,
    KEY last (last_at, id),
    KEY kind (kind, last_at, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS jobs_error_note (
    n      BIGINT     NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at     BIGINT     NOT NULL,
    error  BINARY(16) NOT NULL,
    job    BINARY(16) NOT NULL,
    kind   INT        NOT NULL,
    title  TEXT       NOT NULL,
    sample LONGTEXT   NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
