-- What operators did, an act a row. `noun` is what `target` names: 0 a job, 1 a queue, 2 a kind, 3 a recurring job, 4 a server, 5 a batch, 6 an operation.
CREATE TABLE IF NOT EXISTS jobs_audit (
    n       BIGINT          NOT NULL AUTO_INCREMENT,
    at      BIGINT          NOT NULL,
    actor   VARBINARY(1000) NOT NULL,
    via     TINYINT         NOT NULL,
    act     TINYINT         NOT NULL,
    noun    TINYINT         NOT NULL,
    target  VARBINARY(1000) NOT NULL,
    queue   VARBINARY(1000),
    reason  LONGTEXT        NOT NULL,
    outcome TINYINT         NOT NULL,
    detail  LONGTEXT,
    PRIMARY KEY (n),
    KEY actor (actor, n),
    KEY act (act, n),
    KEY target (noun, target, n)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
