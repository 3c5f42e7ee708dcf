-- In a savepoint, so that the caller's transaction outlives tables that are missing.
SAVEPOINT jobs_enter;
SELECT id, (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) FROM {schema}.instance;
RELEASE SAVEPOINT jobs_enter;
