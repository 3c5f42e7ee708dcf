-- What the code says of a definition of its own, while an operator's edit is in force; null where there is none.
ALTER TABLE jobs_recurring ADD COLUMN code_cron TEXT;
ALTER TABLE jobs_recurring ADD COLUMN code_zone TEXT;

-- Marks of jobs that were not kept stayed here before; a recurring job's last runs are read from them now.
DELETE FROM jobs_occurrence WHERE NOT EXISTS (SELECT 1 FROM jobs_job WHERE jobs_job.id = jobs_occurrence.job);
