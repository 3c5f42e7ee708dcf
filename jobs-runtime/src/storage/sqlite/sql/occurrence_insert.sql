INSERT INTO jobs_occurrence (recurring, at, job) VALUES (?1, ?2, ?3) ON CONFLICT (recurring, at) DO NOTHING
