-- Nothing but a known occurrence can be ignored: the definition has passed through the same types.
INSERT IGNORE INTO jobs_occurrence (recurring, at, job) VALUES (?1, ?2, ?3)
