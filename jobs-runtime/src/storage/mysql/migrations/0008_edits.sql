-- What the code says of a definition of its own, while an operator's edit is in force; null where there is none. Not every server can add
-- a column only where it is missing.
SET @jobs_step = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'jobs_recurring' AND column_name = 'code_cron') = 0,
    'ALTER TABLE jobs_recurring ADD COLUMN code_cron MEDIUMTEXT, ADD COLUMN code_zone MEDIUMTEXT',
    'DO 0');
PREPARE jobs_step FROM @jobs_step;
EXECUTE jobs_step;
DEALLOCATE PREPARE jobs_step;
