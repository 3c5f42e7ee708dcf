-- Locked, so that it begins no snapshot in a transaction of the application's.
SELECT id FROM jobs_instance WHERE one = 1 LOCK IN SHARE MODE
