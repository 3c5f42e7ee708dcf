-- What a program of version 2 has left: one job in a lane of its own.
INSERT INTO jobs_migration (version, name, applied_at) VALUES (1, 'foundation', 0), (2, 'pauses', 0);
INSERT INTO jobs_kind (name) VALUES ('shop::mail::send');
INSERT INTO jobs_queue (name) VALUES ('lane of 0190a0b0-0000-7000-8000-000000000001');
INSERT INTO jobs_job (id, created_at, due_at, kind, queue, priority, on_exhausted, max_attempts, payload)
SELECT UNHEX('0190a0b0000070008000000000000001'), 0, 0, kind.id, queue.id, 0, 0, 10, 'args'
FROM jobs_kind AS kind, jobs_queue AS queue;
INSERT INTO jobs_ready (suspect, queue, turn, id, kind, once) SELECT 0, queue, 0, id, kind, 0 FROM jobs_job;
INSERT INTO jobs_total (queue, kind, state, n) SELECT queue, kind, 2, 1 FROM jobs_job;
