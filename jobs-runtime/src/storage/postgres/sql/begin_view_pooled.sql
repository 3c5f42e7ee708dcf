-- As for other reads, with the limit of those who look on.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL statement_timeout = '2s';
SET LOCAL idle_in_transaction_session_timeout = '60s';
