-- The first to come does the work, the others wait for it as long as it takes.
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = 0;
SET LOCAL client_min_messages = warning;
SELECT pg_advisory_xact_lock(hashtextextended('jobs migration of {schema}', 0));
