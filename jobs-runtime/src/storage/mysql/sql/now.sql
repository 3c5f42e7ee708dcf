BEGIN;
-- The time that everything in the transaction happens at. Where it is lost, nothing can be stored.
SET @jobs_now = TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6)) + ?1
