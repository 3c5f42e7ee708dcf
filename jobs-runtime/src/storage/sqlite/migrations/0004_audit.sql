-- What operators did, an act a row. `noun` is what `target` names: 0 a job, 1 a queue, 2 a kind, 3 a recurring job, 4 a server, 5 a batch, 6 an operation.
CREATE TABLE jobs_audit (
    n       INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    actor   TEXT    NOT NULL,
    via     INTEGER NOT NULL,
    act     INTEGER NOT NULL,
    noun    INTEGER NOT NULL,
    target  TEXT    NOT NULL,
    queue   TEXT,
    reason  TEXT    NOT NULL,
    outcome INTEGER NOT NULL,
    detail  TEXT
) STRICT;

CREATE INDEX jobs_audit_actor ON jobs_audit (actor, n);
CREATE INDEX jobs_audit_act ON jobs_audit (act, n);
CREATE INDEX jobs_audit_target ON jobs_audit (noun, target, n);

-- The fences of operators' acts are counted from the start, also where nothing was ever claimed: an act gives a job a new one.
INSERT INTO sqlite_sequence (name, seq)
SELECT 'jobs_claim', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'jobs_claim');
