-- What operators did, an act a row. `noun` is what `target` names: 0 a job, 1 a queue, 2 a kind, 3 a recurring job, 4 a server, 5 a batch, 6 an operation.
CREATE TABLE {schema}.audit (
    n       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL,
    via     smallint    NOT NULL,
    act     smallint    NOT NULL,
    noun    smallint    NOT NULL,
    outcome smallint    NOT NULL,
    actor   text        NOT NULL,
    target  text        NOT NULL,
    queue   text,
    reason  text        NOT NULL,
    detail  text
);

CREATE INDEX audit_actor ON {schema}.audit (actor, n);
CREATE INDEX audit_act ON {schema}.audit (act, n);
CREATE INDEX audit_target ON {schema}.audit (noun, target, n);
