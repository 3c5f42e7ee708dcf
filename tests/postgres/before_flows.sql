-- What a program of version 2 has left: one job in a lane of its own.
INSERT INTO {schema}.migration (version, name, applied_at) VALUES (1, 'foundation', now()), (2, 'pauses', now());
INSERT INTO {schema}.kind (name) VALUES ('shop::mail::send');
INSERT INTO {schema}.queue (name) VALUES ('lane of 0190a0b0-0000-7000-8000-000000000001');
INSERT INTO {schema}.job (id, created_at, due_at, kind, queue, priority, on_exhausted, max_attempts, payload)
SELECT '0190a0b0-0000-7000-8000-000000000001', now(), now(), kind.id, queue.id, 0, 0, 10, 'args'
FROM {schema}.kind AS kind, {schema}.queue AS queue;
INSERT INTO {schema}.ready (queue, kind, priority, id, once, suspect)
SELECT queue, kind, priority, id, false, false FROM {schema}.job;
INSERT INTO {schema}.total (queue, kind, state, n) SELECT queue, kind, 2, 1 FROM {schema}.job;
