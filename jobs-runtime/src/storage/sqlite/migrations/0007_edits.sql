-- What the code says of a definition of its own, while an operator's edit is in force; null where there is none.
ALTER TABLE jobs_recurring ADD COLUMN code_cron TEXT;
ALTER TABLE jobs_recurring ADD COLUMN code_zone TEXT;
