-- A job's row grows when an attempt ends; in a full page that costs a rearrangement of the whole page, and its log. `room` is given up
-- then, so that the row fits where it was. Not every server can add a column only where it is missing.
SET @jobs_step = IF(
    (SELECT COUNT(*) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'jobs_job' AND column_name = 'room') = 0,
    'ALTER TABLE jobs_job ADD COLUMN room VARBINARY(32) DEFAULT ''................................''',
    'DO 0');
PREPARE jobs_step FROM @jobs_step;
EXECUTE jobs_step;
DEALLOCATE PREPARE jobs_step;
