-- ?1 a job that has succeeded and is not kept, ?2 its chunk.
DELETE FROM jobs_job WHERE id = ?1 AND fence < ?2 AND outcome IS NULL
