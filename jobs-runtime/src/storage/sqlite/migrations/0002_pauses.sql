-- What is not to be started for a while: 0 a queue, 1 a kind, 2 a recurring job, 3 a server. `number` is the queue's or the kind's.
CREATE TABLE jobs_pause (
    what   INTEGER NOT NULL,
    target TEXT    NOT NULL,
    number INTEGER NOT NULL,
    reason TEXT    NOT NULL,
    since  INTEGER NOT NULL,
    until  INTEGER,
    PRIMARY KEY (what, target)
) STRICT, WITHOUT ROWID;

-- What a server declares and what it has been told.
ALTER TABLE jobs_server ADD COLUMN recurring TEXT NOT NULL DEFAULT '[]';
ALTER TABLE jobs_server ADD COLUMN stop INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs_server ADD COLUMN workers INTEGER;

-- Whether the job was ended in its handler's own transaction and has not yet left its chunk.
ALTER TABLE jobs_job ADD COLUMN leaving INTEGER NOT NULL DEFAULT 0;

-- When a live server was last seen to declare the definition.
ALTER TABLE jobs_recurring ADD COLUMN declared_at INTEGER NOT NULL DEFAULT 0;
