-- What is not to be started for a while: 0 a queue, 1 a kind, 2 a recurring job, 3 a server. `number` is the queue's or the kind's.
CREATE TABLE {schema}.pause (
    what   smallint    NOT NULL,
    target text        NOT NULL,
    number integer     NOT NULL,
    reason text        NOT NULL,
    since  timestamptz NOT NULL,
    until  timestamptz,
    PRIMARY KEY (what, target)
);

-- What a server declares and what it has been told.
ALTER TABLE {schema}.server ADD COLUMN recurring text NOT NULL DEFAULT '[]';
ALTER TABLE {schema}.server ADD COLUMN stop smallint NOT NULL DEFAULT 0;
ALTER TABLE {schema}.server ADD COLUMN workers bigint;

-- Whether the job was ended in its handler's own transaction and has not yet left its chunk.
ALTER TABLE {schema}.job ADD COLUMN leaving smallint NOT NULL DEFAULT 0;

-- When a live server was last seen to declare the definition.
ALTER TABLE {schema}.recurring ADD COLUMN declared_at timestamptz NOT NULL DEFAULT to_timestamp(0);
