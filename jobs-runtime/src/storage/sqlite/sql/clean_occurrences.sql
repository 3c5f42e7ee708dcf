DELETE FROM jobs_occurrence WHERE (recurring, at) IN (
    SELECT recurring, occurrence FROM jobs_job WHERE recurring IS NOT NULL AND id IN (SELECT unhex(value) FROM json_each(?1)))
