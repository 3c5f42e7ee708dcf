SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;
-- Whom nobody answers any more is ended by the server, with its locks: a statement, a wait for a lock, an open transaction, a
-- connection.
SET SESSION autocommit = 1, sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 5,
    group_concat_max_len = 100000, wait_timeout = 60
    /*M!100601 , max_statement_time = 60, idle_transaction_timeout = 60 */
