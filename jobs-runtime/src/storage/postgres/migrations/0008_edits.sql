-- What the code says of a definition of its own, while an operator's edit is in force; null where there is none.
ALTER TABLE {schema}.recurring ADD COLUMN code_cron text;
ALTER TABLE {schema}.recurring ADD COLUMN code_zone text;
