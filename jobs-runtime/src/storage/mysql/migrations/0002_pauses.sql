-- What is not to be started for a while: 0 a queue, 1 a kind, 2 a recurring job, 3 a server. `number` is the queue's or the kind's.
CREATE TABLE IF NOT EXISTS jobs_pause (
    what   TINYINT         NOT NULL,
    target VARBINARY(1000) NOT NULL,
    number INT             NOT NULL,
    reason LONGTEXT        NOT NULL,
    since  BIGINT          NOT NULL,
    until  BIGINT,
    PRIMARY KEY (what, target)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
